import { canonicalJson } from '../../../shared/canonical';
import { conflict, refuse } from '../../../shared/errors';
import { nameKey } from '../../../shared/identifying-text';
import { type NewId } from '../../../shared/ids';
import { sameForRaters, type StudyConfig, type StudyRecord } from '../../../shared/ratings/study';
import { type RouteParsed } from '../../../shared/routes';
import { type JobsRepository } from '../jobs/jobs-repository';
import { type Scheduler } from '../jobs/scheduler';
import { type Clock, now } from '../storage/environment';
import { type StoredStudy } from './studies-repository';
import { type StudyCheck } from './study-check';
import { designed, requireIdle } from './study-guards';
import { type StudyStore } from './study-store';

interface Parts {
  readonly clock: Clock;
  readonly jobs: JobsRepository;
  readonly newId: NewId;
  readonly scheduler: Scheduler;
  readonly studyCheck: StudyCheck;
  readonly studyStore: StudyStore;
}

const runsOf = ({ datasets }: StudyConfig): string =>
  datasets.map(({ dataset, run }) => `${dataset}: ${run ?? 'none'}`).join(', ');

/** Studies: designed, edited, closed and reopened; a new version once ratings exist. */
export class StudiesService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  list(): StudyRecord[] {
    const { studyStore } = this.#parts;
    return studyStore.studies.list().map(({ id }) => studyStore.record(id));
  }

  get(id: string): StudyRecord {
    return this.#parts.studyStore.record(id);
  }

  async create({ name, config: asked }: RouteParsed<'studies.create'>): Promise<StudyRecord> {
    const { newId, studyCheck, studyStore } = this.#parts;
    const { config } = await studyCheck.check(asked);
    const id = newId('study');
    studyStore.transaction(() => {
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
    const { jobs, studyCheck, studyStore } = this.#parts;
    const { studies, studyLog, raters, ratingEvents } = studyStore;
    this.#editable(id);
    const { config } = await studyCheck.check(asked);
    const edited = studyStore.transaction(() => {
      const study = this.#editable(id);
      const before = study.config && studyCheck.withParameters(study.config);
      if (canonicalJson(before) === canonicalJson(config)) return id;
      if (before && sameForRaters(before, config)) {
        studies.setRuns(id, config);
        studyLog.add(id, 'run', runsOf(config), now(this.#parts));
        return id;
      }
      if (ratingEvents.hasAny(id)) return this.#nextVersion(study, config);
      // What the ledger holds is of the old configuration.
      studies.setJob(id, null);
      if (study.job !== null) jobs.remove(study.job);
      studies.setConfig(id, config);
      studies.setState(id, 'draft', null);
      raters.beginAnew(id);
      return id;
    });
    return this.#changed(edited);
  }

  /** Every version of it goes by the new name. */
  rename({ study: id, name }: RouteParsed<'studies.rename'>): StudyRecord {
    const { studyStore } = this.#parts;
    const { studies } = studyStore;
    const versions = studies.named(studyStore.study(id).name);
    studyStore.transaction(() => {
      this.#requireFree(name, new Set(versions.map((version) => version.id)));
      for (const version of versions) studies.rename(version.id, name);
    });
    for (const version of versions) this.#changed(version.id);
    return this.get(id);
  }

  close({ study: id }: RouteParsed<'studies.close'>): StudyRecord {
    return this.#move(id, 'open', 'closed');
  }

  reopen({ study: id }: RouteParsed<'studies.reopen'>): StudyRecord {
    designed(this.#parts.studyStore.study(id));
    return this.#move(id, 'closed', 'open');
  }

  #insert(
    about: Pick<StoredStudy, 'id' | 'name' | 'version' | 'previous'>,
    config: StudyConfig,
  ): void {
    this.#parts.studyStore.studies.insert({
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
    const { studies, studyLog } = parts.studyStore;
    const version = Math.max(...studies.named(name).map((study) => study.version)) + 1;
    const next = parts.newId('study');
    this.#insert({ id: next, name, version, previous: id }, config);
    studyLog.add(next, 'version', `Version ${version}, made from ${id}`, now(parts));
    return next;
  }

  #editable(id: string): StoredStudy {
    const study = this.#parts.studyStore.study(id);
    designed(study);
    requireIdle(this.#parts.scheduler, study);
    return study;
  }

  /** Names are told apart without case; all versions of a study share theirs. */
  #requireFree(name: string, own: ReadonlySet<string> = new Set()): void {
    const same = (study: StoredStudy) =>
      nameKey(study.name) === nameKey(name) && !own.has(study.id);
    if (!this.#parts.studyStore.studies.list().some(same)) return;
    throw refuse('name', name, 'a name that no other study has');
  }

  #move(id: string, from: 'open' | 'closed', to: 'open' | 'closed'): StudyRecord {
    const { studyStore } = this.#parts;
    const { studies, studyLog, ratingEvents } = studyStore;
    studyStore.transaction(() => {
      const study = studyStore.study(id);
      if (study.state !== from) {
        throw conflict(
          `${study.name} is ${words[study.state]}: only one that is ${from} can be ${to === 'open' ? 'reopened' : 'closed'}.`,
        );
      }
      const at = now(this.#parts);
      studies.setState(id, to, to === 'closed' ? at : null);
      const count = ratingEvents.count(id);
      studyLog.add(id, to === 'closed' ? 'close' : 'reopen', `${count} ratings counted`, at);
    });
    return this.#changed(id);
  }

  #changed(id: string): StudyRecord {
    this.#parts.studyStore.announce(id);
    return this.get(id);
  }
}

const words = {
  draft: 'a draft',
  preparing: 'being prepared',
  open: 'open',
  closed: 'closed',
} as const;
