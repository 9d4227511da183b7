import { type MetricCatalogue, type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { formatCount } from '../../format';

/** 'MNIST, paper': what a run is of, in a few words. */
export function runSubject(
  metrics: MetricCatalogue,
  { dataset, protocol }: RoarSettings,
  nameOf: (dataset: string) => string,
): string {
  const label = metrics.find(protocol)?.label ?? protocol;
  return `${nameOf(dataset)}, ${label.toLowerCase()}`;
}

/** Models that a run trains; level 0 of a metric that retrains is shared by its methods. */
export function modelsOf({ needs }: MetricDescriptor, settings: RoarSettings): number {
  const { levels, methods, repetitions } = settings;
  if (needs.includes('level-models')) return levels.length;
  if (!needs.includes('retrained-models')) return 1;
  return repetitions * (1 + methods.length * (levels.length - 1));
}

/** What trains in a run: '10 models, one a level'. */
export function modelsInWords(metric: MetricDescriptor, settings: RoarSettings): string {
  const count = formatCount(modelsOf(metric, settings));
  if (metric.needs.includes('level-models')) return `${count} models, one a level`;
  if (!metric.needs.includes('retrained-models')) return '1 model';
  return `${count} models, ${formatCount(settings.repetitions)} for each method and level`;
}
