import { formatCount } from '../../../../shared/format/counts';
import { type Protocol, retrains, type RoarSettings } from '../../../../shared/catalogue/roar';
import { fewestForInterval } from '../../../../statistics/observations';

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

/** Whether a finished run has intervals: one image or one repetition gives none. */
export function hasIntervals({ protocol, images, repetitions }: RoarSettings): boolean {
  return (retrains(protocol) ? repetitions : images) >= fewestForInterval;
}

/**
 * What the intervals of a run are, in a sentence.
 *
 * @param subject what they are called there: 'Intervals', 'Bands'
 */
export function intervalSentence(settings: RoarSettings, subject: string): string {
  const { protocol, resamples, repetitions } = settings;
  const observation = retrains(protocol) ? 'repetition' : 'image';
  if (!hasIntervals(settings)) return `There are no intervals: there is one ${observation}.`;
  return retrains(protocol)
    ? `${subject}: 95% Student-t intervals over ${formatCount(repetitions)} repetitions, differences taken within a repetition.`
    : `${subject}: 95% paired percentile bootstrap intervals over images (${resamples} resamples), conditional on the trained models.`;
}
