import { type MetricCatalogue, type MetricDescriptor } from '../../../shared/catalogue/metric';
import { type RoarSettings } from '../../../shared/catalogue/roar';
import { type DatasetRecord, type RunResult } from '../../../shared/records';
import { fewestForInterval } from '../../../statistics/observations';
import { type Publication } from '../export/publication';
import { type Markup } from '../export/text/markup';
import { type MakePlan } from './roar/metric-plan';

/** What the values of a metric are of, and its intervals over: images, or repetitions. */
export interface Observations {
  /** One of them. */
  readonly noun: string;
  /** How many a finished run of these settings has. */
  count(settings: RoarSettings): number;
  /** What an interval over them is, in one piece and as a sentence has it after "95% ". */
  readonly interval: string;
  inSentence(settings: RoarSettings): string;
  /** What the manifest says of the statistics besides. */
  statistics(settings: RoarSettings): Readonly<Record<string, string | number>>;
  /** What must be said beside figures of `n` of them. */
  notes(n: number, settings: Pick<RoarSettings, 'images'>): string[];
  /**
   * What stands below a figure.
   *
   * @param images such as '50 MNIST images'
   */
  figureNotes(metric: Metric, settings: RoarSettings, images: string): string[];
}

/** What a report's section on a run's models is made of. */
export interface ReportedModels {
  readonly result: RunResult;
  readonly dataset: DatasetRecord;
  readonly paper: Publication;
}

/** The models of a run, wherever they are written down. */
export interface TrainedModels {
  /** How many, and at which levels. */
  inWords(result: RunResult): string;
  /** The accuracies that a report begins with, and what they are called. */
  fact(result: RunResult): {
    readonly name: string;
    readonly accuracies: readonly (number | null)[];
  };
  /** models.csv. */
  csv(result: RunResult): string;
  section(of: ReportedModels): Markup;
}

/** A way of evaluating saliency methods: what its runs do, and what is made of what they store. */
export interface Metric {
  readonly descriptor: MetricDescriptor;
  /** How pixels go at a level: by maps or orders, the first of them or the last. Null: none go. */
  readonly removal: { readonly by: 'map' | 'order'; readonly keep: boolean } | null;
  /** Whether the engine needs an algorithm of its id. */
  readonly measured: boolean;
  readonly observations: Observations;
  readonly models: TrainedModels;
  /** Every item of a run. */
  readonly plan: MakePlan;
}

/** The metrics of an application, behind its catalogue's descriptors. */
export class Metrics {
  readonly catalogue: MetricCatalogue;
  readonly #byId: ReadonlyMap<string, Metric>;

  /** @throws RangeError for a descriptor that none of the metrics has */
  constructor(catalogue: MetricCatalogue, list: readonly Metric[]) {
    this.catalogue = catalogue;
    this.#byId = new Map(list.map((metric) => [metric.descriptor.id, metric]));
    for (const descriptor of catalogue.list) {
      if (this.#byId.get(descriptor.id)?.descriptor === descriptor) continue;
      throw new RangeError(`${descriptor.id} is in the catalogue alone`);
    }
  }

  /** Those that the engine must have an algorithm of. */
  get measured(): readonly MetricDescriptor[] {
    return this.catalogue.list.filter(({ id }) => this.get(id).measured);
  }

  /** @throws StudioError `invalid-input` at `field` for an id that there is no metric of */
  get(id: string, field?: string): Metric {
    const metric = this.#byId.get(this.catalogue.get(id, field).id);
    if (!metric) throw new RangeError(`${id} is in the catalogue alone`);
    return metric;
  }
}

/** Whether a finished run has intervals: one observation gives none. */
export function hasIntervals({ observations }: Metric, settings: RoarSettings): boolean {
  return observations.count(settings) >= fewestForInterval;
}

/**
 * What the intervals of a run are, in a sentence.
 *
 * @param subject what they are called there: 'Intervals', 'Bands'
 */
export function intervalSentence(metric: Metric, settings: RoarSettings, subject: string): string {
  const { noun } = metric.observations;
  return hasIntervals(metric, settings)
    ? `${subject}: 95% ${metric.observations.inSentence(settings)}.`
    : `There are no intervals: there is one ${noun}.`;
}
