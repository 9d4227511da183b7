import { type MetricCatalogue } from '../../../shared/catalogue/metric';
import { notFound } from '../../../shared/errors';
import { type RunRecord, type RunResult } from '../../../shared/records';
import { type CurveScores } from '../../../statistics/curves';
import { type FullProtocol } from './full-protocol';
import { type Metric, type Metrics } from './metric';
import { type EvidenceContext, type RunStatistics } from './run-statistics';
import { type RunsRepository } from './runs-repository';

interface Parts {
  /** What a run is held against. */
  readonly full: (run: RunRecord) => FullProtocol;
  readonly levels: (run: RunRecord, metric: Metric) => RunResult['levels'];
  readonly metrics: Metrics;
  readonly result: (
    run: RunRecord,
    metric: Metric,
    context: Pick<EvidenceContext, 'full' | 'levels'>,
  ) => Promise<RunResult>;
  readonly runs: RunsRepository;
  readonly statistics: RunStatistics;
}

/** Runs and their results, whole or so far, by their ids. */
export class RoarResults {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  run(id: string): RunRecord {
    const run = this.#parts.runs.get(id);
    if (!run) throw notFound('run', id);
    return run;
  }

  /** What there is to measure by. */
  get metrics(): MetricCatalogue {
    return this.#parts.metrics.catalogue;
  }

  /** What a run was measured by. */
  metricOf({ settings }: Pick<RunRecord, 'settings'>): Metric {
    return this.#parts.metrics.get(settings.protocol);
  }

  async result(id: string): Promise<RunResult> {
    const run = this.run(id);
    const metric = this.metricOf(run);
    const levels = this.#parts.levels(run, metric);
    return this.#parts.result(run, metric, { full: this.full(run), levels });
  }

  /** The scores of the levels that are complete: all methods on all images. Null: none yet. */
  scores(run: RunRecord): CurveScores | null {
    return this.#parts.statistics.scores(run);
  }

  /** What a run is held against. */
  full(run: RunRecord): FullProtocol {
    return this.#parts.full(run);
  }

  forget(id: string): void {
    this.#parts.statistics.forget(id);
  }

  /** For the end of the application. */
  close(): void {
    this.#parts.statistics.close();
  }
}
