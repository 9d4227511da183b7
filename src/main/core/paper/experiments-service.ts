import { type Catalogues } from '../../../shared/catalogue/catalogues';
import { factsOf } from '../../../shared/dataset-facts';
import { notFound, refuse, StudioError } from '../../../shared/errors';
import {
  type Experiment,
  type ExperimentForecast,
  type ExperimentResult,
} from '../../../shared/experiments';
import { type ExportFile } from '../../../shared/export-file';
import { installCommand } from '../../../shared/install-command';
import { type NewId } from '../../../shared/ids';
import { type DatasetRecord, type RunRecord, type RunResult } from '../../../shared/records';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type ResultsService } from '../analysis/results-service';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { type RoarResults } from '../evaluation/roar-results';
import { type RoarService } from '../evaluation/roar-service';
import { type RunsRepository } from '../evaluation/runs-repository';
import { fileStem } from '../export/file-stem';
import { type Events } from '../jobs/events';
import { type Scheduler } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type InstalledFiles } from '../storage/installed-files';
import { type ExportStore } from '../storage/transit/export-store';
import { type StudiesRepository } from '../studies/studies-repository';
import { storedStudy } from '../studies/study-record';
import { type ExperimentsRepository, type StoredExperiment } from './experiments-repository';
import { findRun } from './find-run';
import { JudgedClaims } from './judged-claims';
import { planMembers, type PlannedMember } from './members';
import { experimentMimes, experimentOutput } from './outputs';
import { type ExperimentReport } from './outputs/report';
import { type Paper } from './paper';
import { rankMoves } from './ranks';
import { experimentName, experimentRecord, plannedVariant } from './records';
import { sharedItems } from './shared-items';
import { variantsOf } from './variants';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly catalogues: Pick<Catalogues, 'networks' | 'metrics'>;
  readonly clock: Clock;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly experiments: ExperimentsRepository;
  readonly exports: ExportStore;
  readonly files: InstalledFiles;
  readonly newId: NewId;
  readonly paper: () => Paper;
  readonly runs: RunsRepository;
  readonly studies: StudiesRepository;
  readonly version: string;
}

type Input = RouteParsed<'experiments.start'>;

interface Services {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly roar: RoarService;
  readonly results: RoarResults;
  readonly studyResults: ResultsService;
  readonly scheduler: Scheduler;
}

/** Runs that belong together: the paper on its datasets, or one run under other readings of it. */
export class ExperimentsService {
  readonly #parts: Parts;
  readonly #services: Services;
  readonly #claims: JudgedClaims;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
    this.#claims = new JudgedClaims(parts, services);
  }

  async forecast(input: Input): Promise<ExperimentForecast> {
    const datasets = this.#datasetsOf(input);
    const engine = await this.#parts.engine.ready();
    const records = await this.#records(datasets);
    const missing = records.filter(({ state }) => state !== 'installed').map(({ id }) => id);
    const planned = this.#plan(input, records);
    const members: ExperimentForecast['members'] = [];
    for (const [i, { dataset, reading, settings }] of planned.entries()) {
      const about = { dataset, variant: plannedVariant(reading) };
      if (missing.includes(dataset)) {
        members.push({ ...about, forecast: null, missing: true, run: null });
        continue;
      }
      const earlier = planned.slice(0, i).map((other) => other.settings);
      const methods = this.#services.methods.resolve(settings.methods);
      const shared = sharedItems(this.#services.methods.operators, settings, earlier, methods);
      const forecast = await this.#services.roar.forecast({ settings }, shared);
      const key = await this.#services.datasets.key(dataset);
      const { run } = findRun(this.#parts, this.#services.datasets, settings, key, engine);
      members.push({ ...about, forecast, missing: false, run });
    }
    const open = members.flatMap(({ forecast, run }) =>
      run?.state === 'done' ? [] : (forecast ?? []),
    );
    return {
      members,
      seconds: open.reduce((sum, { seconds }) => sum + seconds, 0),
      bytes: open.reduce((sum, { bytes }) => sum + bytes, 0),
      freeBytes: await this.#parts.artifacts.freeBytes(),
    };
  }

  async start(input: Input): Promise<RouteOutput<'experiments.start'>> {
    const { experiments, engine } = this.#parts;
    const records = await this.#records(this.#datasetsOf(input));
    requireInstalled(records.filter(({ state }) => state !== 'installed'));
    const description = await engine.ready();
    const planned = this.#plan(input, records);
    const found: (RunRecord | null)[] = [];
    const left: RunRecord[] = [];
    for (const { dataset, settings } of planned) {
      const key = await this.#services.datasets.key(dataset);
      const there = findRun(this.#parts, this.#services.datasets, settings, key, description);
      found.push(there.run);
      if (there.left) left.push(there.left);
    }
    const called = experimentName(
      input,
      records.map(({ name }) => name),
    );
    const id = this.#like(input.kind, called, found) ?? this.#insert(input.kind, called);
    const present = experiments.members(id).length;
    try {
      for (const [i, member] of planned.entries()) {
        const run = found[i] ?? (await this.#startRun(member));
        this.#resume(run.id);
        if (i < present) continue;
        const { choice = null, reading = null } = member.reading ?? {};
        experiments.addMember(id, { run: run.id, choice, reading });
        this.#changed(id);
      }
    } catch (error) {
      if (experiments.members(id).length === 0) experiments.remove(id);
      throw error;
    }
    const experiment = this.get(id);
    const open = experiment.members.filter(({ run }) => run.state !== 'done');
    return {
      experiment,
      jobs: [...new Set(open.map(({ run }) => run.job))],
      reused: found.flatMap((run) => run?.id ?? []),
      left,
    };
  }

  /** Runs made one by one, put together. */
  collect({ runs: ids }: RouteParsed<'experiments.collect'>): Experiment {
    const { experiments, database } = this.#parts;
    const runs = ids.map((id) => this.#services.results.run(id));
    const seen = new Set<string>();
    for (const [i, { id, settings, name }] of runs.entries()) {
      if (settings.protocol !== 'paper') {
        throw refuse(
          `runs.${i}`,
          id,
          `runs of the protocol paper (${name} is ${settings.protocol})`,
        );
      }
      if (seen.has(settings.dataset)) {
        throw refuse(`runs.${i}`, id, `one run of each dataset (${name} is a second one)`);
      }
      seen.add(settings.dataset);
    }
    const names = [...seen].map((dataset) => this.#services.datasets.facts(dataset).name);
    const id = database.transaction(() => {
      const made = this.#insert('reproduction', `Runs on ${names.join(', ')}`);
      for (const run of runs)
        experiments.addMember(made, { run: run.id, choice: null, reading: null });
      return made;
    });
    return this.#changed(id);
  }

  list(): Experiment[] {
    return this.#parts.experiments.list().map((stored) => experimentRecord(this.#parts, stored));
  }

  get(id: string): Experiment {
    return experimentRecord(this.#parts, this.#stored(id));
  }

  async result(id: string): Promise<ExperimentResult> {
    const experiment = this.get(id);
    const results: RunResult[] = [];
    // One after another: each may take a thread for a second.
    for (const { run } of experiment.members) {
      results.push(await this.#services.results.result(run.id));
    }
    const sensitivity = experiment.kind === 'sensitivity';
    const base = experiment.members[0]?.run.settings;
    const { notRerun } =
      sensitivity && base ? variantsOf(base, this.#parts.paper().choices) : { notRerun: [] };
    return {
      experiment,
      results,
      claims: await this.#claims.of(experiment, results),
      ...(sensitivity ? rankMoves(results) : { ranks: [], spearman: [] }),
      notRerun: notRerun.map(({ choice, question, text }) => ({ choice, question, reading: text })),
    };
  }

  setStudy({ experiment: id, study }: RouteParsed<'experiments.setStudy'>): Experiment {
    this.#stored(id);
    if (study !== null) storedStudy(this.#parts, study);
    this.#parts.experiments.setStudy(id, study);
    return this.#changed(id);
  }

  rename({ experiment: id, name }: RouteParsed<'experiments.rename'>): Experiment {
    this.#stored(id);
    this.#parts.experiments.rename(id, name);
    return this.#changed(id);
  }

  /** The runs stay. */
  remove(id: string): Record<string, never> {
    this.#stored(id);
    this.#parts.experiments.remove(id);
    this.#claims.forget(id);
    this.#parts.events.emit({ type: 'experiment.changed', experiment: id });
    return {};
  }

  async export({ experiment: id, format }: RouteParsed<'experiments.export'>): Promise<ExportFile> {
    const report = await this.#report(id);
    const bytes = await experimentOutput(format, report);
    const stem = fileStem(report.result.experiment.name, 'experiment');
    return this.#parts.exports.put(`${stem}-${format}`, experimentMimes[format], bytes);
  }

  /** For the end of the application: a thread under way would keep its process alive. */
  close(): void {
    this.#claims.close();
  }

  async #report(id: string): Promise<ExperimentReport> {
    const result = await this.result(id);
    return {
      result,
      paper: this.#parts.paper(),
      version: this.#parts.version,
      full: new Map(
        result.results.map(({ run }) => [run.id, this.#services.results.full(run)] as const),
      ),
      fonts: this.#parts.files.fonts,
    };
  }

  /** The datasets that are asked for, else the paper's. */
  #datasetsOf({
    kind,
    datasets = this.#parts.paper().datasets.map(({ id }) => id),
  }: Input): string[] {
    if (kind === 'sensitivity' && datasets.length !== 1) {
      throw refuse('datasets', datasets, 'one dataset for a sensitivity analysis');
    }
    return [...datasets];
  }

  #records(datasets: readonly string[]): Promise<DatasetRecord[]> {
    return Promise.all(
      datasets.map((id, i) => this.#services.datasets.record(id, `datasets.${i}`)),
    );
  }

  #plan(input: Input, records: readonly DatasetRecord[]): PlannedMember[] {
    const { networks, metrics } = this.#parts.catalogues;
    const datasets = records.map((record) => ({
      dataset: factsOf(record),
      networks: networks.list,
      metrics,
    }));
    return planMembers(input, datasets, this.#parts.paper());
  }

  /** The experiment that has these runs, or the first of them where it was cut off. */
  #like(
    kind: Experiment['kind'],
    name: string,
    found: readonly (RunRecord | null)[],
  ): string | null {
    const { experiments } = this.#parts;
    const same = experiments.list().find((stored) => {
      if (stored.kind !== kind) return false;
      const members = experiments.members(stored.id);
      const whole = members.length === found.length || stored.name === name;
      return whole && members.length > 0 && members.every(({ run }, i) => run === found[i]?.id);
    });
    return same?.id ?? null;
  }

  async #startRun({ dataset, reading, settings }: PlannedMember): Promise<RunRecord> {
    const name =
      reading && `${this.#services.datasets.facts(dataset).name}, ${reading.setting}`.slice(0, 80);
    return (await this.#services.roar.start({ settings, name })).run;
  }

  /** A run that stopped goes on. */
  #resume(id: string): void {
    const { state, job } = this.#services.results.run(id);
    if (['parked', 'cancelled', 'failed'].includes(state)) this.#services.scheduler.resume(job);
  }

  #insert(kind: Experiment['kind'], name: string): string {
    const id = this.#parts.newId('experiment');
    const createdAt = now(this.#parts);
    this.#parts.experiments.insert({ id, kind, name, study: null, createdAt });
    return id;
  }

  #stored(id: string): StoredExperiment {
    const stored = this.#parts.experiments.get(id);
    if (!stored) throw notFound('experiment', id);
    return stored;
  }

  #changed(id: string): Experiment {
    this.#parts.events.emit({ type: 'experiment.changed', experiment: id });
    return this.get(id);
  }
}

function requireInstalled(missing: readonly DatasetRecord[]): void {
  if (missing.length === 0) return;
  const names = missing.map(({ name }) => name).join(' and ');
  const commands = missing
    .map(({ id, known }) => `\`${installCommand(known ?? { id, sources: [] })}\``)
    .join(' and ');
  throw new StudioError({
    code: 'dataset-missing',
    message: `${names} ${missing.length === 1 ? 'is' : 'are'} not installed. Install under Datasets, or with ${commands}; or leave ${missing.length === 1 ? 'it' : 'them'} out.`,
    details: { datasets: missing.map(({ id }) => id).join(',') },
  });
}
