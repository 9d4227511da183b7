import { type MetricDescriptor } from '../../../../shared/catalogue/metric';
import { counted, formatCount } from '../../../../shared/format/counts';
import { retrainedCsv } from '../../export/text/csv';
import { gradientsOf } from '../../jobs/costs';
import { type Metric } from '../metric';
import { gridSection } from '../report/grid-section';
import { levelsInWords } from '../report/levels-in-words';
import { runRetraining } from '../roar/retrain';
import { gridModels, retrainStages } from '../roar/retrain-stages';
import { overRepetitions } from './over-repetitions';

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
    stages: ({ operators, settings, methods, counts }, rates) =>
      retrainStages(operators, settings, methods, counts, rates),
    work({ operators, settings, methods, counts }) {
      const { recipe, images } = settings;
      const train = Math.min(recipe.trainLimit ?? counts.train, counts.train);
      const gradients = methods.reduce(
        (sum, method) => sum + gradientsOf(operators, method, settings),
        0,
      );
      const ranked = train + images;
      const models = gridModels(settings, methods).length;
      const epochs = counted(recipe.epochs, 'epoch');
      return {
        train: `${counted(train * recipe.epochs, 'training image')} (1 model, ${epochs})`,
        orders: `${counted(gradients * ranked, 'input gradient')} (${counted(ranked, 'image')}, ${counted(methods.length, 'method')})`,
        retrain: `${counted(train * recipe.epochs * models, 'training image')} (${counted(models, 'model')}, ${epochs})`,
        report: counted(models + 1, 'accuracy', 'accuracies'),
      };
    },
    run: runRetraining,
  };
}
