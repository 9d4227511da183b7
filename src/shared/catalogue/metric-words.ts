import { capital } from '../format/capital';
import { type MetricDescriptor } from './metric';

/** What a method is summarised by under a metric. */
export const summaryName = ({ result }: Pick<MetricDescriptor, 'result'>): 'area' | 'mean' =>
  result === 'curve' ? 'area' : 'mean';

type Directed = Pick<MetricDescriptor, 'better' | 'result' | 'words'>;

/** 'area of random − area of the method', whichever way round makes larger the better. */
export function advantageWords(
  metric: Directed,
  { random, minus }: { readonly random: string; readonly minus: string },
): string {
  const what = summaryName(metric);
  const [first, second] =
    metric.better === 'lower' ? [random, 'the method'] : ['the method', random];
  return `${what} of ${first} ${minus} ${what} of ${second}`;
}

/** The same of one level's values. */
export function differenceWords({ better, words }: Directed): string {
  const [first, second] = ['the random map', 'the method'];
  const [a, b] = better === 'lower' ? [first, second] : [second, first];
  return `${capital(words.value)} under ${a} minus ${words.value} under ${b}`;
}

/** What the bands of its figures are, as a page says it. */
export const bandWords = ({ observation }: Pick<MetricDescriptor, 'observation'>): string =>
  observation === 'image'
    ? 'Bands: 95% intervals over images, given the trained models.'
    : 'Bands: 95% intervals of the mean by Student’s t over repetitions.';
