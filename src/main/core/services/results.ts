import { createHash } from 'node:crypto';
import { ratingLabels } from '../../../shared/ratings/questions';
import { type ExportFile } from '../../../shared/export-file';
import {
  type ResultFilters,
  resultFiltersSchema,
  type StudyResults,
} from '../../../shared/ratings/results';
import { type StudyRecord } from '../../../shared/ratings/study';
import { type RunRecord } from '../../../shared/records';
import { type RouteParsed } from '../../../shared/routes';
import { tableFiles, tablesOutput } from '../reports/tables-output';
import { type ComputedResults, resultResamples, type ResultsInput } from '../results/input';
import { datasetName } from '../results/order';
import { type StoredStudy } from '../storage/studies';
import { conflict, type Core, now } from './core';
import { fileStem } from './file-stem';
import { type MethodsService } from './methods';
import { runBeside, runsBeside, type Standing } from './results-beside';
import { type RoarResults } from './roar-results';
import { resultsIn, statisticsEntry } from './statistics';
import { resultsHidden, storedStudy, studyRecord } from './study-record';

/** Results kept in memory: a person goes back and forth between filters. */
const keptResults = 16;

interface Services {
  readonly methods: MethodsService;
  readonly roar: RoarResults;
}

/** Tables I and II of a study with their statistics, beside the ROAR runs that it names. */
export class ResultsService {
  readonly #core: Core;
  readonly #services: Services;
  /** By everything that they are computed from. */
  readonly #kept = new Map<string, Promise<ComputedResults>>();
  readonly #closing = new AbortController();

  constructor(core: Core, services: Services) {
    this.#core = core;
    this.#services = services;
  }

  /** Throws `conflict` while the study is open and nobody confirmed that they want to look. */
  async get({ study: id, filters }: RouteParsed<'results.get'>): Promise<StudyResults> {
    const study = this.visible(id);
    const standings = await runsBeside(this.#core, this.#services, study);
    const input = this.#input(study, standings, filters);
    const computed = await this.#compute(input);
    const known = new Map(this.#services.methods.list().map((method) => [method.id, method]));
    return {
      ...computed,
      study: studyRecord(this.#core, storedStudy(this.#core, id)),
      filters,
      methods: computed.methods.map((method) => {
        const found = known.get(method) ?? null;
        return { id: method, name: found?.name ?? method, known: found };
      }),
      datasets: computed.datasets.map((dataset) => ({ id: dataset, name: datasetName(dataset) })),
      labels: [...ratingLabels],
      beside: standings.map(({ beside }) => beside),
      notes: [...computed.notes, ...standings.flatMap(({ note }) => note ?? [])],
    };
  }

  /** Look at the results of an open study: kept in its log. */
  reveal({ study: id }: RouteParsed<'results.reveal'>): StudyRecord {
    const study = storedStudy(this.#core, id);
    if (resultsHidden(this.#core, study)) {
      const { database, studies, studyLog, events } = this.#core;
      const at = now(this.#core);
      database.transaction(() => {
        studies.setRevealed(id, at);
        studyLog.add(id, 'revealed', 'The results were looked at while the study was open.', at);
      });
      events.emit({ type: 'study.changed', study: id });
    }
    return studyRecord(this.#core, storedStudy(this.#core, id));
  }

  async export(input: RouteParsed<'results.export'>): Promise<ExportFile> {
    const { format } = input;
    const results = await this.get(input);
    const bytes = await tablesOutput(format, {
      results,
      version: this.#core.version,
      fonts: this.#core.files.fonts,
    });
    const { name, mime } = tableFiles[format];
    const stem = fileStem(results.study.name, 'study');
    return this.#core.exports.put(`${stem}-${name}`, mime, bytes);
  }

  /** The study, where its results may be seen. */
  visible(id: string): StoredStudy {
    const study = storedStudy(this.#core, id);
    if (resultsHidden(this.#core, study)) {
      throw conflict(
        `The results of ${study.name} stay hidden while it is open: close it, or confirm that you want to look, which its log keeps.`,
      );
    }
    return study;
  }

  /**
   * What a study's results are computed from, beside other runs than it names: one of each dataset.
   * Throws `not-found`, and `conflict` while the results are hidden.
   */
  async evidence(id: string, runs: ReadonlyMap<string, RunRecord>): Promise<ResultsInput> {
    const study = this.visible(id);
    const standings: Standing[] = [];
    for (const { dataset } of study.config?.datasets ?? []) {
      const run = runs.get(dataset);
      if (run) standings.push(await runBeside(this.#core, this.#services, study, dataset, run));
    }
    return this.#input(study, standings, resultFiltersSchema.parse({}));
  }

  /** For the end of the application: a thread under way would keep its process alive. */
  close(): void {
    this.#closing.abort();
  }

  #input(study: StoredStudy, standings: readonly Standing[], filters: ResultFilters): ResultsInput {
    const { ratingEvents, raters: repository } = this.#core;
    const withdrawn = new Set(ratingEvents.withdrawn(study.id).map((code) => code.toLowerCase()));
    const raters = repository
      .list(study.id)
      .filter(({ code }) => !withdrawn.has(code.toLowerCase()));
    const { tables } = this.#core.paper();
    return {
      ratings: ratingEvents.counted(study.id),
      checks: raters.flatMap(({ id, code }) =>
        repository
          .trials(id)
          .flatMap(({ kind, position, expectedLow, expectedHigh }) =>
            kind === 'attention' && expectedLow !== null && expectedHigh !== null
              ? [{ rater: code, trial: String(position), low: expectedLow, high: expectedHigh }]
              : [],
          ),
      ),
      raters: raters.map(({ code, experience }) => ({ code, experience })),
      methods: study.config?.methods ?? [],
      datasets: study.config?.datasets.map(({ dataset }) => dataset) ?? [],
      roar: standings.map(({ areas }) => areas),
      paper: [tables.coherence, tables.edges],
      filters,
      seed: study.config?.design.seed ?? 0,
      resamples: resultResamples,
    };
  }

  #compute(input: ResultsInput): Promise<ComputedResults> {
    const key = hashOf(input);
    const known = this.#kept.get(key);
    // A map keeps the order of insertion: what is asked for moves to the end, the oldest goes.
    this.#kept.delete(key);
    const computed = known ?? resultsIn(statisticsEntry(), input, this.#closing.signal);
    this.#kept.set(key, computed);
    computed.catch(() => this.#kept.delete(key));
    for (const old of this.#kept.keys()) {
      if (this.#kept.size <= keptResults) break;
      this.#kept.delete(old);
    }
    return computed;
  }
}

/** Equal inputs give equal results, so that nothing else need say when results are stale. */
export function hashOf(input: ResultsInput): string {
  const hash = createHash('sha256');
  const { roar, ...rest } = input;
  hash.update(JSON.stringify(rest));
  for (const { dataset, areas, reason } of roar) {
    hash.update(JSON.stringify([dataset, areas?.methods ?? null, reason]));
    if (areas) hash.update(areas.areas).update(areas.random);
  }
  return hash.digest('hex');
}
