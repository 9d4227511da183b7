import { type RoarExportFormat } from '../export-formats';
import { randomMethodId } from './methods';
import { madeMaps, type MetricDescriptor, rankedPixels } from './metric';

const files = ['result.json', 'figure.svg', 'figure.png', 'report.html', 'manifest.json'] as const;
/** Of runs with a value for every image at every level, and a model a level. */
const withScores: RoarExportFormat[] = ['curves.csv', 'scores.csv', 'models.csv', ...files];

const family = 'RemOve And Retrain';
export const paperLevels = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
const retrainLevels = [0, 0.1, 0.3, 0.5, 0.7, 0.9] as const;

/** One model a level, on images with random pixels removed, scores degraded images. */
export const paperMetric: MetricDescriptor = {
  id: 'paper',
  label: 'Paper',
  name: 'RemOve And Retrain',
  help: 'One model a level, trained without random pixels, scores images without their top pixels.',
  costs: 'One training a level.',
  source: 'Nielsen et al.',
  better: 'lower',
  needs: ['level-models', 'maps'],
  result: 'curve',
  observation: 'image',
  parameters: {},
  defaults: {
    images: 'suggested',
    levels: [...paperLevels],
    fill: 'image-mean',
    target: 'label',
  },
  presets: {
    quick: {
      images: null,
      levels: [0, 0.1, 0.3, 0.5, 0.7, 0.9],
      worth: 'Its numbers are not the paper’s.',
    },
    full: {
      name: 'Paper',
      help: 'The paper’s protocol in full: ten models on {training}, {images} images, nine methods and the random map.',
    },
  },
  files: withScores,
  published: true,
  reusable: [madeMaps],
  judged: true,
  words: {
    axis: 'Mean softmax score',
    axisInFull: 'Mean softmax score of the ground-truth class',
    value: 'score',
    mean: 'Mean score',
    meanInFull: 'Mean softmax score of the ground-truth class',
    family,
    figure: 'Scores against degradation level',
    better: 'A lower curve is better.',
    caption:
      'Mean softmax score of the ground-truth class after removing the top share t of pixels; lower is better.',
  },
};

/** What both metrics of Hooker et al. share. */
const retraining = {
  source: 'Hooker et al. 2019, arXiv 1806.10758',
  needs: ['retrained-models'],
  result: 'curve',
  observation: 'repetition',
  parameters: {},
  defaults: {
    images: 'validation',
    levels: [...retrainLevels],
    fill: 'dataset-mean',
    target: 'predicted',
  },
  files: ['curves.csv', 'models.csv', ...files],
  published: false,
  reusable: [rankedPixels],
  judged: false,
} satisfies Partial<MetricDescriptor>;

const quick = {
  images: 500,
  levels: [0, 0.5, 0.9],
  repetitions: 2,
  methods: ['vanilla-gradient', 'integrated-gradients', 'guided-backprop', randomMethodId],
  worth: 'Its numbers decide nothing.',
};

/** @param which pixels a model is trained on */
const presets = (which: string) => ({
  quick,
  full: {
    name: 'Full',
    help: `Hooker et al. in full: {repetitions} models for each method and level ({above} above 0) on {training} ${which} each method’s own top pixels. See the forecast: it may take days.`,
  },
});

const accuracyWords = {
  family,
  figure: 'Accuracy against degradation level',
  axis: 'Validation accuracy',
  axisInFull: 'Validation accuracy',
  value: 'accuracy',
  mean: 'Mean validation accuracy',
  meanInFull:
    'Mean accuracy over repetitions on validation images degraded like the training images',
};

/**
 * A new model for each method, level and repetition, trained and tested on images without each
 * method's own top pixels.
 */
export const retrainMetric: MetricDescriptor = {
  ...retraining,
  id: 'retrain',
  label: 'Retrain',
  name: 'RemOve And Retrain (Hooker et al. 2019)',
  help: 'Hooker et al.: models trained and tested without the top pixels of each method’s own maps. A good method makes accuracy fall early.',
  costs: 'A training for each method, level and repetition, and maps of every image.',
  better: 'lower',
  presets: presets('without'),
  words: {
    ...accuracyWords,
    better: 'A lower curve is better: without a good method’s top pixels nothing can be learnt.',
    caption:
      'Accuracy of models trained and validated on images without the top share t of pixels by each method’s own maps; lower is better: what it removed mattered. Points: the mean over repetitions.',
  },
};

/** The same with nothing but each method's own top pixels. */
export const keepAndRetrainMetric: MetricDescriptor = {
  ...retraining,
  id: 'keep-and-retrain',
  label: 'Keep and retrain',
  name: 'Keep And Retrain (Hooker et al. 2019)',
  help: 'Its reverse: the least important pixels are removed, the top ones kept. A good method keeps accuracy up.',
  costs: 'As much as retrain; both use the same maps.',
  better: 'higher',
  presets: presets('with nothing but'),
  words: {
    ...accuracyWords,
    better: 'A higher curve is better: a good method’s top pixels alone suffice to learn from.',
    caption:
      'Accuracy of models trained and validated on images without the least important share t of pixels by each method’s own maps; higher is better: what it kept was enough. Points: the mean over repetitions.',
  },
};

/** What Saliency Studio comes with, the default first. */
export const builtInMetrics: readonly MetricDescriptor[] = [
  paperMetric,
  retrainMetric,
  keepAndRetrainMetric,
];
