import { LRUCache } from 'lru-cache';
import { toErrorData } from '../../../shared/errors';
import { type Experiment } from '../../../shared/experiments';
import { type Claim, type RunRecord, type RunResult } from '../../../shared/records';
import { hashOf, type ResultsService } from '../analysis/results-service';
import { computeIn, threadEntry } from '../computation/thread';
import { type DatasetsService } from '../datasets/datasets-service';
import { type RoarResults } from '../evaluation/roar-results';
import { type RunEvidence } from '../evaluation/run-evidence';
import { type RunsRepository } from '../evaluation/runs-repository';
import { experimentClaims } from './claims/computations';
import { type ExperimentEvidence } from './claims/evidence';
import { countsOfRuns } from './counts';

interface Parts {
  readonly datasets: DatasetsService;
  readonly resources: string;
  readonly results: RoarResults;
  readonly runs: RunsRepository;
  readonly studyResults: ResultsService;
}

interface Judged {
  /** Everything that they are judged by. */
  readonly key: string;
  readonly claims: Promise<Claim[]>;
}

/** Experiments whose claims are kept in memory. */
const kept = 16;

/** The paper's claims judged by experiments; kept until a run or the ratings change. */
export class JudgedClaims {
  readonly #parts: Parts;
  readonly #judged = new LRUCache<string, Judged>({ max: kept });
  readonly #closing = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** By the finished runs that read the paper as we do by default, and the chosen study. */
  async judge(experiment: Experiment, results: readonly RunResult[]): Promise<Claim[]> {
    const { datasets, resources, results: roar } = this.#parts;
    const counts = await countsOfRuns(this.#parts, datasets, experiment.members);
    const runs = new Map<string, RunEvidence>();
    const records = new Map<string, RunRecord>();
    for (const [i, { dataset, variant, run }] of experiment.members.entries()) {
      const [result, scores] = [results[i], roar.scores(run)];
      if (variant !== null || run.state !== 'done' || !result || !scores) continue;
      const { levels, curves } = result;
      const { settings, id } = run;
      const full = roar.full(run);
      const own = counts.get(id) ?? null;
      runs.set(dataset, { settings, levels, curves, scores, full, counts: own });
      records.set(dataset, run);
    }
    const ratings = await this.#ratings(experiment.study, records);
    const key = JSON.stringify([
      [...records.values()].map(({ id, finishedAt }) => [id, finishedAt, counts.get(id)]),
      ratings.ratings ? hashOf(ratings.ratings) : ratings.noRatings,
    ]);
    const known = this.#judged.get(experiment.id);
    if (known?.key === key) return known.claims;
    const evidence: ExperimentEvidence = { runs: [...runs.values()], ...ratings };
    const claims = computeIn(
      threadEntry(),
      experimentClaims,
      { evidence, resources },
      this.#closing.signal,
    );
    this.#judged.set(experiment.id, { key, claims });
    claims.catch(() => this.#judged.delete(experiment.id));
    return claims;
  }

  forget(experiment: string): void {
    this.#judged.delete(experiment);
  }

  /** For the end of the application: a thread under way would keep its process alive. */
  close(): void {
    this.#closing.abort();
  }

  /** The labels of the chosen study, or why there are none to judge by. */
  async #ratings(
    study: string | null,
    runs: ReadonlyMap<string, RunRecord>,
  ): Promise<Pick<ExperimentEvidence, 'ratings' | 'noRatings'>> {
    if (study === null) return { ratings: null, noRatings: 'No study is chosen.' };
    try {
      const ratings = await this.#parts.studyResults.evidence(study, runs);
      return { ratings, noRatings: null };
    } catch (error) {
      const { code, message } = toErrorData(error);
      if (code === 'conflict' || code === 'not-found') return { ratings: null, noRatings: message };
      throw error;
    }
  }
}
