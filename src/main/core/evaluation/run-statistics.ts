import { LRUCache } from 'lru-cache';
import { randomMethodId } from '../../../shared/catalogue/methods';
import { type MetricDescriptor } from '../../../shared/catalogue/metric';
import { valueFor } from '../../../shared/checked-reads';
import { type Claim, type RunRecord } from '../../../shared/records';
import { type CurveScores } from '../../../statistics/curves';
import { computeIn, threadEntry } from '../computation/thread';
import { type MethodsService } from '../maps/methods';
import { type RunEvidence } from './run-evidence';
import { type RunScores, type RunsRepository } from './runs-repository';
import { runStatistics, type Summaries } from './statistics';

interface Parts {
  /** Judges what is claimed of such runs; rejects when the signal aborts. */
  readonly judge: (evidence: RunEvidence, signal: AbortSignal) => Promise<Claim[]>;
  readonly methods: MethodsService;
  readonly runs: RunsRepository;
}

/** Resamples for the curves of a run that is not finished: a look, not a figure. */
const partialResamples = 200;
/** Runs whose scores and statistics are kept in memory. */
const keptRuns = 32;

/** Curves or values over images, and what is claimed of them. */
export interface Statistics extends Summaries {
  readonly claims: Claim[];
}

interface Kept {
  /** Values stored when it was read: more of them make it stale. */
  readonly scored: number;
  readonly scores: CurveScores | null;
  statistics: Promise<Statistics> | null;
}

/** What the evidence holds besides the run's own settings, scores and curves. */
export type EvidenceContext = Pick<RunEvidence, 'levels' | 'full' | 'counts'>;

/** The scores of runs over images and the statistics that follow from them, computed in a thread. */
export class RunStatistics {
  readonly #parts: Parts;
  readonly #kept = new LRUCache<string, Kept>({ max: keptRuns });
  readonly #closing = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The scores of the levels that are complete: all methods on all images. Null: none yet. */
  scores(run: RunRecord): CurveScores | null {
    return this.#keep(run).scores;
  }

  /** Null before a level is complete. Claims are judged once all levels are there. */
  async of(
    run: RunRecord,
    metric: MetricDescriptor,
    context: EvidenceContext,
  ): Promise<Statistics | null> {
    const kept = this.#keep(run);
    const { scores } = kept;
    if (!scores) return null;
    kept.statistics ??= this.#compute(run, metric, scores, context);
    try {
      return await kept.statistics;
    } catch (error) {
      kept.statistics = null;
      throw error;
    }
  }

  forget(run: string): void {
    this.#kept.delete(run);
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
    const methods = this.#parts.methods.resolve(run.settings.methods);
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
        const block = valueFor(blocks, `${id} ${level}`);
        scores.set(block.scores, at);
        tied.set(block.tied, at);
      });
    });
    return { methods, levels, scores, tied };
  }

  async #compute(
    { settings }: RunRecord,
    metric: MetricDescriptor,
    scores: CurveScores,
    context: EvidenceContext,
  ): Promise<Statistics> {
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
    const evidence = { ...context, settings, curves, scores };
    return { ...summaries, claims: await this.#parts.judge(evidence, signal) };
  }
}
