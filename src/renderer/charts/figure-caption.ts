import { type MetricDescriptor } from '../../shared/catalogue/metric';
import { bandWords } from '../../shared/catalogue/metric-words';

const starred = '* marks the methods that the paper proposes. Click a name to hide its curve.';

/** What stands below a figure. Without intervals there are no bands to explain. */
export function captionOf(
  metric: Pick<MetricDescriptor, 'words' | 'observation'>,
  withIntervals: boolean,
): string {
  return [metric.words.caption, ...(withIntervals ? [bandWords(metric)] : []), starred].join(' ');
}
