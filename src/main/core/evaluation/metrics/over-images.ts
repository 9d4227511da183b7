import { fewestForInterval, fewestForTrust } from '../../../../statistics/observations';
import { hasIntervals, type Observations } from '../metric';
import { withoutIntervals } from './without-intervals';

const interval = 'paired percentile bootstrap over images, conditional on the trained models';

/** Values of single images, each resampled with its others: `CurveScores` of a run. */
export const overImages: Observations = {
  noun: 'image',
  count: ({ images }) => images,
  interval: `95% ${interval}`,
  inSentence: ({ resamples }) =>
    `paired percentile bootstrap intervals over images (${resamples} resamples), conditional on the trained models`,
  statistics: ({ resamples }) => ({
    quantile: 'linear interpolation (Hyndman and Fan 1996, definition 7)',
    resamples,
  }),
  notes(n) {
    if (n < fewestForInterval) return [`One image says nothing of others: ${withoutIntervals}`];
    return n < fewestForTrust
      ? [`With ${n} images the intervals are rough, and rather too narrow.`]
      : [];
  },
  figureNotes(metric, settings, images) {
    const bands = hasIntervals(metric, settings)
      ? ' Bands: 95% paired percentile bootstrap intervals over images, conditional on the trained models.'
      : '';
    return [`Mean over ${images}.${bands}`];
  },
};
