import { type Metric } from '../metric';
import { keepAndRetrain } from './keep-and-retrain';
import { paper } from './paper';
import { retrain } from './retrain';

/** What Saliency Studio comes with: one file and one line each. */
export const builtInMetricObjects: readonly Metric[] = [paper, retrain, keepAndRetrain];
