import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { modelsCsv } from '../../export/text/csv';
import { type Metric } from '../metric';
import { baseSection } from '../report/base-section';
import { levelsInWords } from '../report/levels-in-words';
import { measuredPlan } from './measured-plan';
import { overImages } from './over-images';

/**
 * A metric that the engine measures on the base model's maps, with no other model.
 *
 * @throws RangeError where its descriptor does not say what measuring costs
 */
export function measuredMetric(descriptor: MetricDescriptor): Metric {
  const { cost } = descriptor;
  if (!cost) throw new RangeError(`${descriptor.id} is measured and has no cost`);
  const isCurve = descriptor.result === 'curve';
  return {
    descriptor,
    removal: isCurve ? { by: 'map', keep: false } : null,
    measured: true,
    observations: overImages,
    models: {
      inWords: ({ run }) =>
        isCurve ? `1 model, levels ${levelsInWords(run.settings)}` : '1 model',
      fact: ({ levels }) => ({
        name: 'Accuracy of the base model',
        accuracies: [levels[0]?.validationAccuracy ?? null],
      }),
      csv: ({ levels }) => modelsCsv(levels),
      section: baseSection,
    },
    plan: measuredPlan({ ...descriptor, cost }),
  };
}
