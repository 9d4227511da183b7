import { LRUCache } from 'lru-cache';
import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { randomMethodId } from '../../../shared/catalogue/methods';
import { type MetricCatalogue, type MetricDescriptor } from '../../../shared/catalogue/metric';
import { notFound } from '../../../shared/errors';
import { observed } from '../../../shared/method-summary';
import { type Claim, type RunRecord, type RunResult } from '../../../shared/records';
import { type CurveScores } from '../../../statistics/curves';
import { computeIn, threadEntry } from '../computation/thread';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { accuracyBeside, type Publication } from '../export/publication';
import { type MethodsService } from '../maps/methods';
import { type ModelsRepository } from '../models/models-repository';
import { type FullProtocol, fullProtocol } from './full-protocol';
import { type Metric, type Metrics } from './metric';
import { type DatasetCut, runCuts } from './report/cuts';
import { type RetrainedRepository } from './retrained-repository';
import { retrainedCurves } from './retrained-results';
import { countsOfRun } from './run-counts';
import { type RunEvidence } from './run-evidence';
import { type RunScores, type RunsRepository } from './runs-repository';
import { runStatistics, type Summaries } from './statistics';

interface Parts {
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics'>;
  readonly engine: EngineHost;
  readonly models: ModelsRepository;
  readonly paper: () => Publication;
  readonly retrained: RetrainedRepository;
  readonly runs: RunsRepository;
}

/** Resamples for the curves of a run that is not finished: a look, not a figure. */
const partialResamples = 200;
/** Runs whose scores and statistics are kept in memory. */
const keptRuns = 32;

interface Services {
  readonly metrics: Metrics;
  readonly methods: MethodsService;
  readonly datasets: DatasetsService;
  /** Judges what is claimed of such runs; rejects when the signal aborts. */
  readonly judge: (evidence: RunEvidence, signal: AbortSignal) => Promise<Claim[]>;
}

interface Statistics extends Summaries {
  readonly claims: Claim[];
}

interface Kept {
  /** Values stored when it was read: more of them make it stale. */
  readonly scored: number;
  readonly scores: CurveScores | null;
  statistics: Promise<Statistics> | null;
}

/** The results of runs, whole or so far. Statistics follow from the stored scores. */
export class RoarResults {
  readonly #parts: Parts;
  readonly #services: Services;
  readonly #kept = new LRUCache<string, Kept>({ max: keptRuns });
  readonly #closing = new AbortController();

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  run(id: string): RunRecord {
    const run = this.#parts.runs.get(id);
    if (!run) throw notFound('run', id);
    return run;
  }

  /** What there is to measure by. */
  get metrics(): MetricCatalogue {
    return this.#services.metrics.catalogue;
  }

  /** What a run was measured by. */
  metricOf({ settings }: Pick<RunRecord, 'settings'>): Metric {
    return this.#services.metrics.get(settings.protocol);
  }

  async result(id: string): Promise<RunResult> {
    const run = this.run(id);
    const { runs, engine } = this.#parts;
    const { descriptor, observations } = this.metricOf(run);
    const levels = this.levels(run);
    const counts = await countsOfRun(this.#parts, this.#services.datasets, run);
    const { parameters } = this.#services.methods.operators;
    const { retrained, claims, ...summaries } =
      descriptor.observation === 'image'
        ? await this.#overImages(run, descriptor, levels, counts)
        : this.#overRepetitions(run, descriptor);
    const n = observed(summaries);
    return {
      run,
      images: runs.images(id).map(({ image }) => image),
      levels,
      retrained,
      cuts: runCuts(parameters, descriptor, run.settings, this.full(run), counts),
      notes: n === null ? [] : observations.notes(n, run.settings),
      ...summaries,
      claims,
      engine: runs.engine(id) ?? engine.status,
    };
  }

  async #overImages(
    run: RunRecord,
    metric: MetricDescriptor,
    levels: RunResult['levels'],
    counts: DatasetCut | null,
  ): Promise<Summaries & Pick<RunResult, 'claims' | 'retrained'>> {
    const statistics = await this.#statistics(run, metric, levels, counts);
    return { retrained: [], ...(statistics ?? { curves: [], claims: [] }) };
  }

  #overRepetitions(
    run: RunRecord,
    metric: MetricDescriptor,
  ): Summaries & Pick<RunResult, 'claims' | 'retrained'> {
    const retrained = this.#parts.retrained.models(run.id);
    const methods = this.#services.methods.resolve(run.settings.methods);
    const curves = retrainedCurves(this.#parts, metric, run, methods, retrained);
    return { retrained, curves, claims: [] };
  }

  /** The models that are kept: one a level where the metric trains those, else the base model. */
  levels(run: RunRecord): RunResult['levels'] {
    const stored = new Map(this.#parts.runs.levels(run.id).map((row) => [row.level, row]));
    const { dataset, levels, recipe } = run.settings;
    const all = this.metricOf(run).descriptor.needs.includes('level-models');
    const trained = { dataset, architecture: recipe.architecture };
    return (all ? levels : levels.slice(0, 1)).map((level) => {
      const row = stored.get(level);
      const model = row?.model ? this.#parts.models.get(row.model) : undefined;
      return {
        level,
        model: model?.id ?? null,
        validationAccuracy: model?.validationAccuracy ?? null,
        paperAccuracy: accuracyBeside(this.#parts.paper(), trained, level),
        epochs: model?.epochs.length ?? 0,
        seconds: row?.seconds ?? 0,
        reused: row?.reused ?? false,
      };
    });
  }

  /** The scores of the levels that are complete: all methods on all images. Null: none yet. */
  scores(run: RunRecord): CurveScores | null {
    return this.#keep(run).scores;
  }

  /** What a run is held against. */
  full({ settings: { dataset, protocol } }: RunRecord): FullProtocol {
    const { catalogues, paper } = this.#parts;
    const of = {
      dataset: this.#services.datasets.whole(dataset),
      networks: catalogues.networks.list,
      metrics: catalogues.metrics,
    };
    return fullProtocol(of, protocol, paper());
  }

  forget(id: string): void {
    this.#kept.delete(id);
  }

  /** For the end of the application: a thread under way would keep its process alive. */
  close(): void {
    this.#closing.abort();
  }

  #keep(run: RunRecord): Kept {
    const scored = this.#parts.runs.scored(run.id);
    const known = this.#kept.get(run.id);
    if (known?.scored === scored) return known;
    const kept = { scored, scores: this.#read(run), statistics: null };
    this.#kept.set(run.id, kept);
    return kept;
  }

  #read(run: RunRecord): CurveScores | null {
    const methods = this.#services.methods.resolve(run.settings.methods);
    const images = run.settings.images;
    const blocks = new Map<string, RunScores>();
    for (const block of this.#parts.runs.scores(run.id)) {
      blocks.set(`${block.method} ${block.level}`, block);
    }
    const of = (method: string, level: number) => {
      const block = blocks.get(`${method} ${level}`);
      return block?.scores.length === images ? block : undefined;
    };
    const levels = run.settings.levels.filter((level) => methods.every(({ id }) => of(id, level)));
    if (levels.length === 0 || !methods.some(({ id }) => id === randomMethodId)) return null;
    const size = methods.length * levels.length * images;
    const [scores, tied] = [new Float32Array(size), new Float32Array(size)];
    methods.forEach(({ id }, m) => {
      levels.forEach((level, l) => {
        const at = (m * levels.length + l) * images;
        const block = of(id, level);
        scores.set(block?.scores ?? [], at);
        tied.set(block?.tied ?? [], at);
      });
    });
    return { methods, levels, scores, tied };
  }

  async #statistics(
    run: RunRecord,
    metric: MetricDescriptor,
    levels: RunResult['levels'],
    counts: DatasetCut | null,
  ): Promise<Statistics | null> {
    const kept = this.#keep(run);
    const { scores } = kept;
    if (!scores) return null;
    kept.statistics ??= this.#compute(run, metric, levels, scores, counts);
    try {
      return await kept.statistics;
    } catch (error) {
      kept.statistics = null;
      throw error;
    }
  }

  /** Claims are judged once all levels are there. */
  async #compute(
    run: RunRecord,
    metric: MetricDescriptor,
    levels: RunResult['levels'],
    scores: CurveScores,
    counts: DatasetCut | null,
  ): Promise<Statistics> {
    const { settings } = run;
    const whole = scores.levels.length === settings.levels.length;
    const { signal } = this.#closing;
    const { seed } = settings;
    const resamples = whole ? settings.resamples : partialResamples;
    const summaries = await computeIn(
      threadEntry(),
      runStatistics,
      { metric: { better: metric.better, result: metric.result }, scores, seed, resamples },
      signal,
    );
    if (!whole || !metric.judged) return { ...summaries, claims: [] };
    const { curves } = summaries;
    const evidence = { settings, levels, curves, scores, full: this.full(run), counts };
    return { ...summaries, claims: await this.#services.judge(evidence, signal) };
  }
}
