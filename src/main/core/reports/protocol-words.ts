import { type Protocol, type RoarSettings } from '../../../shared/catalogue/roar';
import { whole } from './numbers';

/** How a protocol's figures are named and explained, wherever a run is exported. */
export interface ProtocolWords {
  /** What it is called. */
  readonly name: string;
  /** The y axis of its curves. */
  readonly yTitle: string;
  readonly levelTitle: string;
  /** What a curve's mean is of, in a heading. */
  readonly measure: string;
  /** The same in a sentence. */
  readonly measured: string;
  readonly advantage: string;
  readonly difference: string;
  readonly better: string;
  readonly removed: string;
}

const retrained = {
  yTitle: 'Validation accuracy',
  levelTitle: 'Share of pixels removed',
  measure: 'Mean validation accuracy',
  measured: 'Mean accuracy over repetitions on validation images degraded like the training images',
} as const;

const words: Readonly<Record<Protocol, ProtocolWords>> = {
  paper: {
    name: 'RemOve And Retrain',
    yTitle: 'Mean softmax score of the ground-truth class',
    levelTitle: 'Degradation level',
    measure: 'Mean score',
    measured: 'Mean softmax score of the ground-truth class',
    advantage: 'area of the random map minus area of the method',
    difference: 'Score under the random map minus score under the method',
    better: 'A lower curve is better.',
    removed: 'top pixels removed',
  },
  retrain: {
    ...retrained,
    name: 'RemOve And Retrain (Hooker et al. 2019)',
    advantage: 'area of the random map minus area of the method',
    difference: 'Accuracy under the random map minus accuracy under the method',
    better: 'A lower curve is better: without a good method’s top pixels nothing can be learnt.',
    removed: 'top pixels removed',
  },
  'keep-and-retrain': {
    ...retrained,
    name: 'Keep And Retrain (Hooker et al. 2019)',
    advantage: 'area of the method minus area of the random map',
    difference: 'Accuracy under the method minus accuracy under the random map',
    better: 'A higher curve is better: a good method’s top pixels alone suffice to learn from.',
    removed: 'least important pixels removed',
  },
};

export function protocolWords(protocol: Protocol): ProtocolWords {
  return words[protocol];
}

/** What a 95% interval of a run is, as the end of a sentence. */
export function intervalWords({ protocol, resamples, repetitions }: RoarSettings): string {
  if (protocol === 'paper') {
    return `95% paired percentile bootstrap intervals over images (${resamples} resamples), conditional on the trained models`;
  }
  if (repetitions === 1) return 'no intervals: one repetition says nothing of chance';
  return `95% Student-t intervals over ${whole(repetitions)} repetitions, differences taken within a repetition`;
}
