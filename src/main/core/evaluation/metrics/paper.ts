import { paperMetric } from '../../../../shared/catalogue/metrics';
import { formatCount } from '../../../../shared/format/counts';
import { modelsCsv } from '../../export/text/csv';
import { type Metric } from '../metric';
import { levelsInWords } from '../report/levels-in-words';
import { accuracySection } from '../report/results';
import { overImages } from './over-images';
import { paperPlan } from './paper-plan';

/** Scores of images without their top pixels, by a model a level. */
export const paper: Metric = {
  descriptor: paperMetric,
  removal: { by: 'map', keep: false },
  measured: false,
  observations: overImages,
  models: {
    inWords: ({ run, levels }) =>
      `${formatCount(levels.length)} models at levels ${levelsInWords(run.settings)}`,
    fact: ({ levels }) => ({
      name: 'Validation accuracy',
      accuracies: [
        levels[0]?.validationAccuracy ?? null,
        levels.at(-1)?.validationAccuracy ?? null,
      ],
    }),
    csv: ({ levels }) => modelsCsv(levels),
    section: accuracySection,
  },
  plan: paperPlan,
};
