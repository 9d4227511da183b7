import { keepAndRetrainMetric } from '../../../../shared/catalogue/metrics';
import { retrainingMetric } from './retraining';

/** Accuracy of models trained and tested with nothing but each method's top pixels. */
export const keepAndRetrain = retrainingMetric(keepAndRetrainMetric, true);
