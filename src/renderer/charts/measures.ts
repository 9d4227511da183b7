import { type Protocol } from '../../shared/catalogue/roar';

/** What the curves of a protocol measure, in words. */
export interface Measure {
  /** Of the vertical axis. */
  readonly axis: string;
  /** Whether the curve of a good method lies low. */
  readonly lowIsGood: boolean;
  readonly caption: string;
  /** What the bands are, after the caption. */
  readonly bands: string;
}

const starred = '* marks the methods that the paper proposes. Click a name to hide its curve.';
const repeated = 'Bands: 95% intervals of the mean by Student’s t over repetitions.';

const measures: Readonly<Record<Protocol, Measure>> = {
  paper: {
    axis: 'Mean softmax score',
    lowIsGood: true,
    caption: `Mean softmax score of the ground-truth class after removing the top share t of pixels; lower is better.`,
    bands: 'Bands: 95% intervals over images, given the trained models.',
  },
  retrain: {
    axis: 'Validation accuracy',
    lowIsGood: true,
    caption: `Accuracy of models trained and validated on images without the top share t of pixels by each method’s own maps; lower is better: what it removed mattered. Points: the mean over repetitions.`,
    bands: repeated,
  },
  'keep-and-retrain': {
    axis: 'Validation accuracy',
    lowIsGood: false,
    caption: `Accuracy of models trained and validated on images without the least important share t of pixels by each method’s own maps; higher is better: what it kept was enough. Points: the mean over repetitions.`,
    bands: repeated,
  },
};

/** What stands below a figure. Without intervals there are no bands to explain. */
export function captionOf(protocol: Protocol, withIntervals: boolean): string {
  const { caption, bands } = measures[protocol];
  return [caption, ...(withIntervals ? [bands] : []), starred].join(' ');
}

export function measureOf(protocol: Protocol): Measure {
  return measures[protocol];
}
