import { conflict } from '../../../shared/errors';
import { type RouteParsed } from '../../../shared/routes';
import { type Scheduler } from '../jobs/scheduler';
import { type AnnotatorModeRepository } from './annotator-mode-repository';
import { type RatingsErase } from './ratings-erase';
import { requireIdle } from './study-guards';
import { type StudyStore } from './study-store';

interface Parts {
  readonly annotatorMode: AnnotatorModeRepository;
  readonly ratingsErase: RatingsErase;
  readonly scheduler: Scheduler;
  readonly studyStore: StudyStore;
}

/** Takes studies away, with their ratings where that is confirmed. */
export class StudyRemoval {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async remove({
    study: id,
    ratings,
  }: RouteParsed<'studies.remove'>): Promise<Record<string, never>> {
    const { annotatorMode, ratingsErase, scheduler, studyStore } = this.#parts;
    const { studies, ratingEvents } = studyStore;
    const study = studyStore.study(id);
    requireIdle(scheduler, study);
    if (annotatorMode.get()?.study === id) {
      throw conflict(`${study.name} is being rated on this machine: end annotator mode first.`);
    }
    if (ratingEvents.hasAny(id)) {
      if (!ratings) {
        const count = ratingEvents.count(id);
        throw conflict(
          `${study.name} has ratings (${count} count): confirm that they go with it; a backup is written first.`,
        );
      }
      await ratingsErase.study(id, () => studies.remove(id));
    } else studies.remove(id);
    studyStore.announce(id);
    return {};
  }
}
