import { conflict } from '../../../shared/errors';
import { type RouteOutput, type RouteParsed } from '../../../shared/routes';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type JobsRepository } from '../jobs/jobs-repository';
import { ledgerStages } from '../jobs/run-plan';
import { type Scheduler } from '../jobs/scheduler';
import { type RatedMaps } from './rated-maps';
import { type StoredStudy } from './studies-repository';
import { designed } from './study-guards';
import { type StudyPlans } from './study-plan';
import { type StudyStore } from './study-store';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly jobs: JobsRepository;
  readonly ratedMaps: RatedMaps;
  readonly scheduler: Scheduler;
  readonly studyPlans: StudyPlans;
  readonly studyStore: StudyStore;
}

/** Starts the job that computes the maps of a study. */
export class StudyPreparation {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Compute the maps, or go on computing them; the study opens at the end. */
  async prepare({
    study: id,
  }: RouteParsed<'studies.prepare'>): Promise<RouteOutput<'studies.prepare'>> {
    const parts = this.#parts;
    const { jobs, ratedMaps, scheduler, studyPlans, studyStore } = parts;
    const { studies } = studyStore;
    const study = studyStore.study(id);
    const config = designed(study);
    const running = study.job === null ? undefined : jobs.get(study.job);
    if (running && scheduler.isActive(running.id)) return this.#prepared(id);
    if (study.state === 'open' || study.state === 'closed') {
      if (await this.#whole(study)) {
        throw conflict(`${study.name} is ${study.state}: its maps are there already.`);
      }
    }
    const inputs = await studyPlans.inputs(id, config);
    const sameEngine = () => ratedMaps.sameEngine(id, inputs.engine);
    if (running && running.state !== 'done' && sameEngine()) {
      scheduler.resume(running.id);
      return this.#prepared(id);
    }
    const plan = await studyPlans.plan(inputs, null);
    const stages = ledgerStages(plan);
    const title = `Study: ${study.name}`;
    scheduler.start({ kind: 'study', title, subject: id, input: { study: id }, stages }, (job) => {
      // What another engine made goes, so that a pause of the new job finds none of it.
      if (!sameEngine()) studies.removeMade(id);
      studies.setJob(id, job.id);
      studies.setState(id, 'preparing');
      if (running) jobs.remove(running.id);
    });
    return this.#prepared(id);
  }

  /** Whether every picture and map is in the store. */
  async #whole(study: StoredStudy): Promise<boolean> {
    const {
      artifacts,
      studyStore: { studies },
    } = this.#parts;
    const keys = [
      ...studies.datasets(study.id).map(({ images }) => images),
      ...studies.maps(study.id).map(({ artifact }) => artifact),
    ];
    for (const key of keys) if (!(await artifacts.has(key))) return false;
    return true;
  }

  #prepared(id: string): RouteOutput<'studies.prepare'> {
    const study = this.#parts.studyStore.record(id);
    if (study.job === null) throw new RangeError(`study ${id} has no job`);
    return { study, job: this.#parts.scheduler.get(study.job) };
  }
}
