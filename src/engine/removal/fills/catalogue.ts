import { type Fill } from '../../../shared/catalogue/training';
import { datasetMean } from './dataset-mean';
import { type FillOperator } from './fill';
import { imageMean } from './image-mean';
import { noisyLinear } from './noisy-linear';
import { random } from './random';

/** Every fill: one file and one line each. */
export const fillOperators: Record<Fill, FillOperator> = {
  'image-mean': imageMean,
  'dataset-mean': datasetMean,
  random,
  'noisy-linear': noisyLinear,
};
