import { paperMetric } from '../../../../shared/catalogue/metrics';
import { counted, formatCount } from '../../../../shared/format/counts';
import { modelsCsv } from '../../export/text/csv';
import { gradientsOf, roarStages } from '../../jobs/costs';
import { type Metric } from '../metric';
import { levelsInWords } from '../report/levels-in-words';
import { accuracySection } from '../report/results';
import { runPaper } from '../roar/paper';
import { overImages } from './over-images';

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
  stages: ({ operators, settings, methods, counts }, rates) =>
    roarStages(operators, settings, methods, counts, rates),
  work({ operators, settings, methods, counts }) {
    const { levels, recipe, images, resamples } = settings;
    const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
    const trained = train * recipe.epochs * levels.length;
    const gradients = methods.reduce(
      (sum, method) => sum + gradientsOf(operators, method, settings),
      0,
    );
    return {
      train: `${counted(trained, 'training image')} (${counted(levels.length, 'model')}, ${counted(recipe.epochs, 'epoch')})`,
      maps: `${counted(gradients * images, 'input gradient')} (${counted(images, 'image')}, ${counted(methods.length, 'method')})`,
      score: `${counted(images * methods.length * levels.length, 'degraded image')} scored`,
      report: counted(resamples, 'bootstrap resample'),
    };
  },
  run: runPaper,
};
