import { canonicalJson } from '../../../shared/canonical';
import { conflict, refuse } from '../../../shared/errors';
import { nameKey } from '../../../shared/identifying-text';
import { type NewId } from '../../../shared/ids';
import { type Job } from '../../../shared/jobs';
import {
  sameForRaters,
  type StudyConfig,
  type StudyPreview,
  type StudyRecord,
} from '../../../shared/ratings/study';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { engineKey } from '../artifacts/keys';
import { type DatasetsService } from '../datasets/datasets-service';
import { type EngineHost } from '../engine/engine-host';
import { type RunsRepository } from '../evaluation/runs-repository';
import { type Events } from '../jobs/events';
import { type JobsRepository } from '../jobs/jobs-repository';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { type MethodsService } from '../maps/methods';
import { type ModelsRepository } from '../models/models-repository';
import { type RatesService } from '../models/rates';
import { type Database } from '../storage/database';
import { type Clock, now } from '../storage/environment';
import { type AnnotatorModeRepository } from './annotator-mode-repository';
import { requireRated, sameEngine } from './rated-maps';
import { type RatingsErase } from './ratings-erase';
import { type StoredStudy } from './studies-repository';
import { checkStudy, withParameters } from './study-check';
import { previewStudy } from './study-preview';
import { studyPlan } from './study-plan';
import { storedStudy, studyRecord } from './study-record';
import { type StudyRepositories } from './study-repositories';

interface Parts extends StudyRepositories {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
  readonly database: Database;
  readonly engine: EngineHost;
  readonly events: Events;
  readonly jobs: JobsRepository;
  readonly models: ModelsRepository;
  readonly newId: NewId;
  readonly runs: RunsRepository;
}

const runsOf = ({ datasets }: StudyConfig): string =>
  datasets.map(({ dataset, run }) => `${dataset}: ${run ?? 'none'}`).join(', ');

interface Services {
  readonly datasets: DatasetsService;
  readonly methods: MethodsService;
  readonly rates: RatesService;
  readonly scheduler: Scheduler;
  readonly ratingsErase: RatingsErase;
}

/** Studies: designed, prepared, opened, closed; a new version once ratings exist. */
export class StudiesService {
  readonly #parts: Parts;
  readonly #services: Services;

  constructor(parts: Parts, services: Services) {
    this.#parts = parts;
    this.#services = services;
  }

  list(): StudyRecord[] {
    return this.#parts.studies.list().map((study) => studyRecord(this.#parts, study));
  }

  get(id: string): StudyRecord {
    return studyRecord(this.#parts, storedStudy(this.#parts, id));
  }

  preview({ config }: RouteParsed<'studies.preview'>): Promise<StudyPreview> {
    return previewStudy(this.#parts, this.#services, config);
  }

  async create({ name, config: asked }: RouteParsed<'studies.create'>): Promise<StudyRecord> {
    const { config } = await checkStudy(this.#parts, this.#services, asked);
    const id = this.#parts.newId('study');
    this.#parts.database.transaction(() => {
      this.#requireFree(name);
      this.#insert({ id, name, version: 1, previous: null }, config);
    });
    return this.#changed(id);
  }

  /**
   * In place while nobody has rated; raters then begin anew. Else the next version, unless all that
   * changes is which ROAR run is compared: raters are shown nothing of it.
   */
  async edit({ study: id, config: asked }: RouteParsed<'studies.edit'>): Promise<StudyRecord> {
    const parts = this.#parts;
    this.#editable(id);
    const { config } = await checkStudy(parts, this.#services, asked);
    const edited = parts.database.transaction(() => {
      const study = this.#editable(id);
      const before = study.config && withParameters(this.#services.methods.operators, study.config);
      if (canonicalJson(before) === canonicalJson(config)) return id;
      if (before && sameForRaters(before, config)) {
        parts.studies.setRuns(id, config);
        parts.studyLog.add(id, 'run', runsOf(config), now(parts));
        return id;
      }
      if (parts.ratingEvents.hasAny(id)) return this.#nextVersion(study, config);
      // What the ledger holds is of the old configuration.
      parts.studies.setJob(id, null);
      if (study.job !== null) parts.jobs.remove(study.job);
      parts.studies.setConfig(id, config);
      parts.studies.setState(id, 'draft', null);
      parts.raters.beginAnew(id);
      return id;
    });
    return this.#changed(edited);
  }

  /** Every version of it goes by the new name. */
  rename({ study: id, name }: RouteParsed<'studies.rename'>): StudyRecord {
    const { studies, database } = this.#parts;
    const study = storedStudy(this.#parts, id);
    const versions = studies.named(study.name);
    database.transaction(() => {
      this.#requireFree(name, new Set(versions.map((version) => version.id)));
      for (const version of versions) studies.rename(version.id, name);
    });
    for (const version of versions) this.#changed(version.id);
    return this.get(id);
  }

  /** Compute the maps, or go on computing them; the study opens at the end. */
  async prepare({
    study: id,
  }: RouteParsed<'studies.prepare'>): Promise<RouteOutput<'studies.prepare'>> {
    const parts = this.#parts;
    const study = storedStudy(parts, id);
    const config = designed(study);
    const running = this.#job(study);
    if (running && this.#services.scheduler.isActive(running.id)) return this.#prepared(id);
    if (study.state === 'open' || study.state === 'closed') {
      if (await this.#whole(study)) {
        throw conflict(`${study.name} is ${study.state}: its maps are there already.`);
      }
    }
    const checked = await checkStudy(parts, this.#services, config);
    const engine = engineKey(await parts.engine.ready());
    requireRated(parts, id, engine);
    if (running && running.state !== 'done' && sameEngine(parts, id, engine)) {
      this.#services.scheduler.resume(running.id);
      return this.#prepared(id);
    }
    const job = parts.newId('job');
    const asked = { study: id, config, checked, engine, rates: null };
    const plan = await studyPlan(parts, this.#services, asked);
    parts.database.transaction(() => {
      parts.jobs.insert({
        id: job,
        kind: 'study',
        title: `Study: ${study.name}`,
        subject: id,
        input: { study: id },
        stages: ledgerStages(plan),
        createdAt: now(parts),
      });
      // What another engine made goes, so that a pause of the new job finds none of it.
      if (!sameEngine(parts, id, engine)) parts.studies.removeMade(id);
      parts.studies.setJob(id, job);
      parts.studies.setState(id, 'preparing');
      if (running) parts.jobs.remove(running.id);
    });
    this.#services.scheduler.enqueued(job);
    return this.#prepared(id);
  }

  close({ study: id }: RouteParsed<'studies.close'>): StudyRecord {
    return this.#move(id, 'open', 'closed');
  }

  reopen({ study: id }: RouteParsed<'studies.reopen'>): StudyRecord {
    designed(storedStudy(this.#parts, id));
    return this.#move(id, 'closed', 'open');
  }

  async remove({
    study: id,
    ratings,
  }: RouteParsed<'studies.remove'>): Promise<Record<string, never>> {
    const parts = this.#parts;
    const study = storedStudy(parts, id);
    const job = this.#job(study);
    if (job && this.#services.scheduler.isActive(job.id)) {
      throw conflict(`The maps of ${study.name} are being computed: cancel that first.`);
    }
    if (parts.annotatorMode.get()?.study === id) {
      throw conflict(`${study.name} is being rated on this machine: end annotator mode first.`);
    }
    if (parts.ratingEvents.hasAny(id)) {
      if (!ratings) {
        const count = parts.ratingEvents.count(id);
        throw conflict(
          `${study.name} has ratings (${count} count): confirm that they go with it; a backup is written first.`,
        );
      }
      await this.#services.ratingsErase.study(id, () => parts.studies.remove(id));
    } else parts.studies.remove(id);
    parts.events.emit({ type: 'study.changed', study: id });
    return {};
  }

  #insert(
    about: Pick<StoredStudy, 'id' | 'name' | 'version' | 'previous'>,
    config: StudyConfig,
  ): void {
    this.#parts.studies.insert({
      ...about,
      origin: 'designed',
      state: 'draft',
      config,
      hash: null,
      job: null,
      revealedAt: null,
      createdAt: now(this.#parts),
      closedAt: null,
    });
  }

  #nextVersion({ id, name }: StoredStudy, config: StudyConfig): string {
    const parts = this.#parts;
    const version = Math.max(...parts.studies.named(name).map((study) => study.version)) + 1;
    const next = parts.newId('study');
    this.#insert({ id: next, name, version, previous: id }, config);
    parts.studyLog.add(next, 'version', `Version ${version}, made from ${id}`, now(parts));
    return next;
  }

  #editable(id: string): StoredStudy {
    const study = storedStudy(this.#parts, id);
    designed(study);
    const job = this.#job(study);
    if (job && this.#services.scheduler.isActive(job.id)) {
      throw conflict(`The maps of ${study.name} are being computed: cancel that first.`);
    }
    return study;
  }

  /** Names are told apart without case; all versions of a study share theirs. */
  #requireFree(name: string, own: ReadonlySet<string> = new Set()): void {
    const same = (study: StoredStudy) =>
      nameKey(study.name) === nameKey(name) && !own.has(study.id);
    if (!this.#parts.studies.list().some(same)) return;
    throw refuse('name', name, 'a name that no other study has');
  }

  #move(id: string, from: 'open' | 'closed', to: 'open' | 'closed'): StudyRecord {
    const parts = this.#parts;
    parts.database.transaction(() => {
      const study = storedStudy(parts, id);
      if (study.state !== from) {
        throw conflict(
          `${study.name} is ${words[study.state]}: only one that is ${from} can be ${to === 'open' ? 'reopened' : 'closed'}.`,
        );
      }
      const at = now(parts);
      parts.studies.setState(id, to, to === 'closed' ? at : null);
      const count = parts.ratingEvents.count(id);
      parts.studyLog.add(id, to === 'closed' ? 'close' : 'reopen', `${count} ratings counted`, at);
    });
    return this.#changed(id);
  }

  /** Whether every picture and map is in the store. */
  async #whole(study: StoredStudy): Promise<boolean> {
    const { studies, artifacts } = this.#parts;
    const keys = [
      ...studies.datasets(study.id).map(({ images }) => images),
      ...studies.maps(study.id).map(({ artifact }) => artifact),
    ];
    for (const key of keys) if (!(await artifacts.has(key))) return false;
    return true;
  }

  #job({ job }: StoredStudy): Job | undefined {
    return job === null ? undefined : this.#parts.jobs.get(job);
  }

  #prepared(id: string): RouteOutput<'studies.prepare'> {
    const study = this.get(id);
    if (study.job === null) throw new RangeError(`study ${id} has no job`);
    return { study, job: this.#services.scheduler.get(study.job) };
  }

  #changed(id: string): StudyRecord {
    this.#parts.events.emit({ type: 'study.changed', study: id });
    return this.get(id);
  }
}

const words = {
  draft: 'a draft',
  preparing: 'being prepared',
  open: 'open',
  closed: 'closed',
} as const;

/** Throws `conflict` for an imported study: it has ratings and no design. */
function designed(study: StoredStudy): StudyConfig {
  if (study.origin === 'designed' && study.config) return study.config;
  throw conflict(`${study.name} was imported: there is no design to edit, prepare or reopen.`);
}
