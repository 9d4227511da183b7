import { refuse } from '../../../shared/errors';
import { type FillOperator } from './fill';

/** The mean of each channel over the training split (Hooker et al. 2019). */
export const datasetMean: FillOperator = (_, context) => {
  if (context.datasetMean?.length !== context.shape[2]) {
    throw refuse('datasetMean', context.datasetMean, `${context.shape[2]} channel means`);
  }
  return Float32Array.from(context.datasetMean);
};
