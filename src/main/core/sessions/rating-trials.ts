import { randomBytes } from 'node:crypto';
import { type NdArray } from '../../../shared/arrays';
import { questionOf } from '../../../shared/ratings/questions';
import { type RatingTrial } from '../../../shared/ratings/rating-routes';
import { type StudyConfig } from '../../../shared/ratings/study';
import { type ArtifactStore } from '../artifacts/artifact-store';
import { type Database } from '../storage/database';
import { explanationOf, instruction, isExampleKind } from '../studies/design/examples';
import { keepUpTo } from '../studies/design/keep-up-to';
import { type Showing, Showings } from '../studies/design/showings';
import { StudyPictures } from '../studies/design/study-pictures';
import { RaterEvents } from '../studies/rater-events';
import { type StoredRater, type StoredTrial } from '../studies/raters-repository';
import { type StoredStudy } from '../studies/studies-repository';
import { type StudyStore } from '../studies/study-store';
import { Progress } from './progress';
import { type RaterContext, type RatingContext } from './rating-context';
import { RatingRefusal } from './refusal';

interface Parts {
  readonly artifacts: ArtifactStore;
  readonly database: Database;
  readonly studyStore: StudyStore;
}

/** Trials and class names kept in memory, in rows. */
const keptRows = 200_000;

/** A rater's progress, up to an event. */
interface Known {
  readonly progress: Progress;
  upTo: number;
}

/** What trials show and ask: the orders that were drawn, their pictures, and one-time ids for them. */
export class RatingTrials {
  readonly #parts: Parts;
  readonly #pictures: StudyPictures;
  readonly #showings = new Showings(() => randomBytes(16).toString('base64url'));
  readonly #events: RaterEvents;
  readonly #known = keepUpTo<Known>(keptRows, ({ progress }) => progress.total);
  readonly #classes = keepUpTo<ReadonlyMap<string, string>>(keptRows, ({ size }) => size);

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#pictures = new StudyPictures({
      artifacts: parts.artifacts,
      studies: parts.studyStore.studies,
    });
    this.#events = new RaterEvents(parts.database);
  }

  /** From what is stored now: the order is read once, then the labels that came since. */
  progress({ study, config, rater }: RatingContext): Progress {
    if (!rater || rater.consentedAt === null) return new Progress([], config.questions);
    const known = this.#read(rater, config);
    const newest = this.#events.newestId();
    if (newest > known.upTo) {
      known.progress.add(this.#events.labelsAfter(study.id, rater.code, known.upTo));
      known.upTo = newest;
    }
    return known.progress;
  }

  withdrawn({ study, rater }: RatingContext): boolean {
    return rater !== null && this.#events.hasWithdrawn(study.id, rater.code);
  }

  /** A trial put on screen, under fresh ids. */
  show(context: RaterContext, client: string, progress: Progress, trial: StoredTrial): RatingTrial {
    const showing = this.#showings.show(context.rater.id, client, trial.position);
    return this.#trial(context, progress, trial, showing);
  }

  /** A trial to be fetched ahead; asked again, the same showing is meant. */
  ahead(
    context: RaterContext,
    client: string,
    progress: Progress,
    trial: StoredTrial,
  ): RatingTrial {
    const showing = this.#showings.ahead(context.rater.id, client, trial.position);
    return this.#trial(context, progress, trial, showing);
  }

  /** The picture under an id that was drawn for this rater, RGBA [H, W, 4]. */
  async pixels({ study, config, rater }: RaterContext, id: string): Promise<NdArray<Uint8Array>> {
    const picture = this.#showings.find(rater.id, id);
    const trial = picture && this.#read(rater, config).progress.trials[picture.position];
    if (!trial) {
      throw new RatingRefusal({
        code: 'not-found',
        message: 'This picture is no longer shown: load the page again.',
      });
    }
    return (await this.#pictures.forTrial(study, trial))[picture.part];
  }

  largest(study: StoredStudy): Promise<[number, number]> {
    return this.#pictures.largest(study);
  }

  /** No id that was drawn for this rater is good any more. */
  forget(rater: string): void {
    this.#showings.forget(rater);
  }

  #trial(
    { study, config }: RaterContext,
    progress: Progress,
    trial: StoredTrial,
    showing: Showing,
  ): RatingTrial {
    const instructed = trial.checkKind === 'instructed' ? trial.expectedLow : null;
    const practice = trial.kind === 'practice';
    return {
      position: trial.position,
      practice,
      image: showing.image,
      map: showing.map,
      className: config.design.showClass ? this.#className(study, trial) : null,
      questions: progress.questions(trial),
      instruction:
        instructed === null
          ? null
          : instruction(instructed, questionOf(config.questions, trial.firstQuestion)),
      explanation:
        practice && isExampleKind(trial.method)
          ? explanationOf(trial.method, config.questions)
          : null,
    };
  }

  /** An order is drawn at consent and never changed. */
  #read(rater: StoredRater, { questions }: StudyConfig): Known {
    const key = `${rater.id} ${rater.consentedAt ?? ''}`;
    const kept = this.#known.get(key);
    if (kept) return kept;
    const progress = new Progress(this.#parts.studyStore.raters.trials(rater.id), questions);
    const known = { progress, upTo: 0 };
    this.#known.set(key, known);
    return known;
  }

  #className(study: StoredStudy, { dataset, image }: StoredTrial): string | null {
    const key = `${study.id} ${study.hash ?? ''}`;
    const kept = this.#classes.get(key);
    const names = kept ?? this.#readClasses(study.id);
    if (!kept) this.#classes.set(key, names);
    return names.get(`${dataset} ${image}`) ?? null;
  }

  #readClasses(study: string): ReadonlyMap<string, string> {
    const { studies } = this.#parts.studyStore;
    const classes = new Map(studies.datasets(study).map((one) => [one.dataset, one.classes]));
    return new Map(
      studies
        .images(study)
        .map(({ dataset, image, label }) => [
          `${dataset} ${image}`,
          classes.get(dataset)?.[label] ?? String(label),
        ]),
    );
  }
}
