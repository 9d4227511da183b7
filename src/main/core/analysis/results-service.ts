import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { conflict, refuse } from '../../../shared/errors';
import { formatCount } from '../../../shared/format/counts';
import { knownName, someNames } from '../../../shared/name-list';
import { onScaleOf } from '../../../shared/ratings/questions';
import {
  type Agreement,
  mostAnsweredPairs,
  type ResultChoices,
  type ResultFilters,
  resultFiltersSchema,
  type StudyResults,
} from '../../../shared/ratings/results';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RunRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { type DatasetsService } from '../datasets/datasets-service';
import { computeIn, threadEntry } from '../computation/thread';
import { type Publication } from '../export/publication';
import { type MethodsService } from '../maps/methods';
import { type Clock, now } from '../storage/environment';
import { askedIn } from '../studies/asked';
import { judgedByFlat } from '../studies/design/examples';
import { type StoredTrial } from '../studies/raters-repository';
import { type StoredStudy } from '../studies/studies-repository';
import { type StudyStore } from '../studies/study-store';
import { checkFilters, choicesOf } from './choices';
import { raterKappas, studyResults } from './computations';
import { type KappasInput } from './compute-results';
import {
  type ComputedResults,
  type ExpectedRange,
  resultResamples,
  type ResultsInput,
} from './input';
import { filterRatings } from './filters';
import { datasetName } from './order';
import { pairRows } from './rater-pairs';
import { type Comparability, type RunComparison } from './comparability';

interface Parts {
  readonly clock: Clock;
  readonly comparison: RunComparison;
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly paper: () => Publication;
  readonly studyStore: StudyStore;
}

/** Results kept in memory: a person goes back and forth between filters. */
const keptResults = 16;

/** The tables of a study's questions with their statistics, compared with the ROAR runs that it names. */
export class ResultsService {
  readonly #parts: Parts;
  /** By everything that they are computed from. */
  readonly #kept = new LRUCache<string, Promise<ComputedResults>>({ max: keptResults });
  readonly #closing = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * As a page takes them: the kappas of very many pairs of raters are asked for by rater. Throws as
   * `whole` does.
   */
  async get(input: RouteParsed<'results.get'>): Promise<StudyResults> {
    const results = await this.whole(input);
    const pairs = results.agreement.filter(isPair);
    if (pairs.length <= mostAnsweredPairs) return results;
    return {
      ...results,
      agreement: results.agreement.filter((each) => !isPair(each)),
      kappas: results.kappas.map((each) => ({ ...each, listed: false })),
    };
  }

  /**
   * Everything, as reports take it. Throws `conflict` while the study is open and nobody confirmed
   * that they want to look, and `invalid-input` for a filter by what is not there.
   */
  async whole({ study: id, filters }: RouteParsed<'results.get'>): Promise<StudyResults> {
    const study = this.visible(id);
    const compared = await this.#parts.comparison.named(study);
    const input = this.#input(study, compared, filters);
    const computed = await this.#compute(input);
    const known = new Map(this.#parts.methods.list().map((method) => [method.id, method]));
    return {
      ...computed,
      study: this.#parts.studyStore.record(id),
      filters,
      methods: computed.methods.map((method) => {
        const found = known.get(method) ?? null;
        return { id: method, name: found?.name ?? method, known: found };
      }),
      datasets: computed.datasets.map((dataset) => ({
        id: dataset,
        name: datasetName(input.known, dataset),
      })),
      questions: [...input.questions],
      beside: compared.map((one) => one.compared),
      notes: [...computed.notes, ...compared.flatMap(({ note }) => note ?? [])],
    };
  }

  /** What the results can be filtered by. Throws `conflict` while they are hidden. */
  choices({ study: id }: RouteParsed<'results.choices'>): ResultChoices {
    return choicesOf(this.#rated(this.visible(id)));
  }

  /** Kappas of one rater with all others, or of all pairs where they are few. */
  async kappas(input: RouteParsed<'results.kappas'>): Promise<Agreement[]> {
    const { question, dataset, filters } = input;
    const results = this.#input(this.visible(input.study), [], filters);
    if (!results.questions.some(({ id }) => id === question)) {
      throw refuse('question', question, someNames(results.questions.map(({ id }) => id)));
    }
    const columns = new Set(results.datasets);
    for (const row of results.ratings) if (row.kind === 'main') columns.add(row.dataset);
    if (!columns.has(dataset)) throw refuse('dataset', dataset, someNames([...columns]));
    const codes = choicesOf(results).raters.map(({ code }) => code);
    const rater = input.rater === null ? null : knownName(input.rater, codes);
    if (input.rater !== null && rater === null) {
      throw refuse('rater', input.rater, `null for all, or one of ${someNames(codes)}`);
    }
    const [pairs] = await this.#kappas({ results, only: { question, dataset, rater } });
    if (pairs && rater === null && pairs.n.length > mostAnsweredPairs) {
      const count = formatCount(pairs.n.length);
      throw refuse('rater', null, `the code of a rater: of all there are ${count} pairs`);
    }
    return pairs ? pairRows(pairs) : [];
  }

  /** Show the results of an open study: kept in its log. */
  reveal({ study: id }: RouteParsed<'results.reveal'>): StudyRecord {
    const { studyStore } = this.#parts;
    if (studyStore.resultsHidden(studyStore.study(id))) {
      const { studies, studyLog } = studyStore;
      const at = now(this.#parts);
      studyStore.transaction(() => {
        studies.setRevealed(id, at);
        studyLog.add(id, 'revealed', 'The results were looked at while the study was open.', at);
      });
      studyStore.announce(id);
    }
    return studyStore.record(id);
  }

  /** The study, where its results may be seen. */
  visible(id: string): StoredStudy {
    const { studyStore } = this.#parts;
    const study = studyStore.study(id);
    if (studyStore.resultsHidden(study)) {
      throw conflict(
        `The results of ${study.name} stay hidden while it is open: close it, or confirm that you want to look, which its log keeps.`,
      );
    }
    return study;
  }

  /**
   * What a study's results are computed from, compared with other runs than it names: one for each dataset.
   * Throws `not-found`, and `conflict` while the results are hidden.
   */
  async evidence(id: string, runs: ReadonlyMap<string, RunRecord>): Promise<ResultsInput> {
    const study = this.visible(id);
    const compared: Comparability[] = [];
    for (const { dataset } of study.config?.datasets ?? []) {
      const run = runs.get(dataset);
      if (run) compared.push(await this.#parts.comparison.compare(study, dataset, run));
    }
    return this.#input(study, compared, resultFiltersSchema.parse({}));
  }

  /** The kappas of all pairs of raters, with what was counted. Throws as `whole` does. */
  allKappas({ study: id, filters }: RouteParsed<'results.get'>) {
    const results = this.#input(this.visible(id), [], filters);
    const { counted, leftOut } = filterRatings(results);
    return {
      counted: counted.length,
      leftOut,
      kappas: () => this.#kappas({ results, only: null }),
    };
  }

  /** For the end of the application: a thread under way would keep its process alive. */
  close(): void {
    this.#closing.abort();
  }

  /** Labels and raters that can count. */
  #rated(study: StoredStudy) {
    const { ratingEvents, raters: repository } = this.#parts.studyStore;
    const withdrawn = new Set(ratingEvents.withdrawn(study.id).map((code) => code.toLowerCase()));
    const raters = repository
      .list(study.id)
      .filter(({ code }) => !withdrawn.has(code.toLowerCase()));
    return { ratings: ratingEvents.counted(study.id), raters };
  }

  /** Throws `invalid-input` for a filter by what is not there. */
  #input(
    study: StoredStudy,
    compared: readonly Comparability[],
    filters: ResultFilters,
  ): ResultsInput {
    const { ratings, raters } = this.#rated(study);
    const questions = askedIn(study);
    const judged = (check: StoredTrial): string[] =>
      (check.checkKind === 'flat'
        ? judgedByFlat(questions)
        : onScaleOf(questions, check.firstQuestion)
      ).map(({ id }) => id);
    const input = {
      ratings,
      checks: raters.flatMap(({ id, code }) =>
        this.#parts.studyStore.raters.trials(id).flatMap((trial): ExpectedRange[] => {
          const { kind, position, expectedLow: low, expectedHigh: high } = trial;
          return kind === 'attention' && low !== null && high !== null
            ? [{ rater: code, trial: String(position), low, high, questions: judged(trial) }]
            : [];
        }),
      ),
      raters: raters.map(({ code, experience }) => ({ code, experience })),
      methods: study.config?.methods ?? [],
      datasets: study.config?.datasets.map(({ dataset }) => dataset) ?? [],
      known: this.#parts.datasets.names(),
      questions,
      roar: compared.map(({ areas }) => areas),
      paper: this.#parts
        .paper()
        .tables.filter((table) => questions.some(({ id }) => id === table.question)),
      filters,
      seed: study.config?.design.seed ?? 0,
      resamples: resultResamples,
    };
    if (Object.values(filters).some((value) => value !== null)) {
      checkFilters(filters, choicesOf(input));
    }
    return input;
  }

  #kappas(input: KappasInput) {
    return computeIn(threadEntry(), raterKappas, input, this.#closing.signal);
  }

  #compute(input: ResultsInput): Promise<ComputedResults> {
    const key = hashOf(input);
    const known = this.#kept.get(key);
    if (known) return known;
    const computed = computeIn(threadEntry(), studyResults, input, this.#closing.signal);
    this.#kept.set(key, computed);
    computed.catch(() => this.#kept.delete(key));
    return computed;
  }
}

const isPair = ({ statistic }: Agreement): boolean => statistic === 'quadratic-weighted-kappa';

/** Equal inputs give equal results, so that nothing else need say when results are stale. */
export function hashOf(input: ResultsInput): string {
  const hash = createHash('sha256');
  const { roar, ratings, ...rest } = input;
  hash.update(JSON.stringify(rest));
  // One by one: of very many ratings the text in one piece would be larger than they are.
  for (const rating of ratings) hash.update(JSON.stringify(rating));
  for (const { dataset, areas, reason } of roar) {
    hash.update(JSON.stringify([dataset, areas?.methods ?? null, areas?.better ?? null, reason]));
    if (areas) hash.update(areas.areas).update(areas.random);
  }
  return hash.digest('hex');
}
