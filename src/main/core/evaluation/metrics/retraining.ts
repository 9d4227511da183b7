import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { formatCount } from '../../../../shared/format/counts';
import { retrainedCsv } from '../../export/text/csv';
import { type Metric } from '../metric';
import { gridSection } from '../report/grid-section';
import { levelsInWords } from '../report/levels-in-words';
import { overRepetitions } from './over-repetitions';
import { retrainPlan } from './retrain-plan';

/** What both metrics of Hooker et al. do; they differ in which of the ordered pixels go. */
export function retrainingMetric(descriptor: MetricDescriptor, keep: boolean): Metric {
  return {
    descriptor,
    removal: { by: 'order', keep },
    measured: false,
    observations: overRepetitions,
    models: {
      inWords: ({ run, retrained }) =>
        `${formatCount(retrained.length)} models at levels ${levelsInWords(run.settings)}`,
      fact: ({ levels }) => ({
        name: 'Accuracy of the base model',
        accuracies: [levels[0]?.validationAccuracy ?? null],
      }),
      csv: retrainedCsv,
      section: gridSection,
    },
    plan: retrainPlan(keep),
  };
}
