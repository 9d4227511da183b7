import { retrainMetric } from '../../../../shared/catalogue/metrics';
import { retrainingMetric } from './retraining';

/** Accuracy of models trained and tested without each method's top pixels. */
export const retrain = retrainingMetric(retrainMetric, false);
