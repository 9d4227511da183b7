import { formatCount } from '../../../../shared/format/counts';
import { fewestForInterval, fewestForTrust } from '../../../../statistics/observations';
import { hasIntervals, intervalSentence, type Observations } from '../metric';
import { withoutIntervals } from './without-intervals';

/** Accuracies of repetitions of the training, each with seeds of its own. */
export const overRepetitions: Observations = {
  noun: 'repetition',
  count: ({ repetitions }) => repetitions,
  interval: '95% Student-t over repetitions, differences taken within a repetition',
  inSentence: ({ repetitions }) =>
    `Student-t intervals over ${formatCount(repetitions)} repetitions, differences taken within a repetition`,
  statistics: ({ repetitions }) => ({ repetitions }),
  notes(n, { images }) {
    const few =
      n < fewestForInterval
        ? [`One repetition says nothing of chance: ${withoutIntervals}`]
        : n < fewestForTrust
          ? [
              `With ${n} repetitions the intervals are rough: they rest on the spread of ${n} values.`,
            ]
          : [];
    const ofImages = images === 1 ? 'one image' : `${images} images`;
    return images < fewestForTrust
      ? [...few, `Each accuracy is of ${ofImages}: it says little of others.`]
      : few;
  },
  figureNotes(metric, settings, images) {
    const { words } = metric.descriptor;
    return [
      `${words.meanInFull}; ${images}.`,
      ...(hasIntervals(metric, settings) ? [intervalSentence(metric, settings, 'Bands')] : []),
      words.better,
    ];
  },
};
