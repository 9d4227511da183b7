import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import {
  type QuestionId,
  questionIdSchema,
  type TrialKind,
  trialKindSchema,
} from '../../../shared/ratings/questions';
import { type Database, type SqlParameters } from '../storage/database';
import { eraseRatingEvents } from './erasure';

/** What was measured with a label; imported labels and withdrawals have none of it. */
export interface EventTelemetry {
  readonly responseMs: number | null;
  readonly monotonicMs: number | null;
  readonly focusLosses: number | null;
  readonly unfocusedMs: number | null;
  readonly zoomChanges: number | null;
  readonly zoom: number | null;
  readonly overlayUses: number | null;
  readonly input: string | null;
  readonly screenWidth: number | null;
  readonly screenHeight: number | null;
  readonly pixelRatio: number | null;
}

interface NewEvent {
  /** Drawn by whoever records it: the same one twice is one. */
  readonly event: string;
  readonly study: string;
  /** The code. */
  readonly rater: string;
  readonly session: string | null;
  readonly recordedAt: string;
}

export interface NewLabel extends NewEvent, Partial<EventTelemetry> {
  /** `change`: for a trial and question that had a label. */
  readonly action: 'rate' | 'change';
  readonly dataset: string;
  readonly image: string;
  readonly method: string;
  readonly question: QuestionId;
  readonly kind: TrialKind;
  readonly repeat: number;
  readonly score: number;
  /** The position in the rater's order, as text. */
  readonly trial: string | null;
  readonly ratedAt: string | null;
}

export interface NewWithdrawal extends NewEvent {
  readonly action: 'withdraw';
  readonly ratedAt?: string | null;
}

export type NewRatingEvent = NewLabel | NewWithdrawal;

const eventSchema = z.object({
  id: z.int(),
  event: z.string(),
  study: z.string(),
  rater: z.string(),
  action: z.enum(['rate', 'change', 'withdraw']),
  dataset: z.string().nullable(),
  image: z.string().nullable(),
  method: z.string().nullable(),
  question: questionIdSchema.nullable(),
  kind: trialKindSchema.nullable(),
  repeat: z.int(),
  score: z.int().nullable(),
  session: z.string().nullable(),
  trial: z.string().nullable(),
  responseMs: z.number().nullable(),
  monotonicMs: z.number().nullable(),
  focusLosses: z.int().nullable(),
  unfocusedMs: z.number().nullable(),
  zoomChanges: z.int().nullable(),
  zoom: z.number().nullable(),
  overlayUses: z.int().nullable(),
  input: z.string().nullable(),
  screenWidth: z.int().nullable(),
  screenHeight: z.int().nullable(),
  pixelRatio: z.number().nullable(),
  ratedAt: z.string().nullable(),
  recordedAt: z.string(),
});
export type StoredRatingEvent = z.output<typeof eventSchema>;

const rowSchema = z.object({
  study: z.string(),
  dataset: z.string(),
  image: z.string(),
  method: z.string(),
  question: questionIdSchema,
  /** The code. */
  rater: z.string(),
  session: z.string().nullable(),
  trial: z.string().nullable(),
  kind: trialKindSchema,
  repeat: z.int(),
  score: z.int(),
  responseMs: z.number().nullable(),
  ratedAt: z.string().nullable(),
});
/** One label that counts. */
export type RatingRow = z.output<typeof rowSchema>;

const givenSchema = z.object({
  trial: z.string(),
  question: questionIdSchema,
  score: z.int(),
  /** Labels given to it so far, this one included. */
  events: z.int(),
});
export type GivenLabel = z.output<typeof givenSchema>;

const columns = `study, rater, action, dataset, image, method, question, kind, repeat, score,
  session, trial, response_ms AS responseMs, monotonic_ms AS monotonicMs,
  focus_losses AS focusLosses, unfocused_ms AS unfocusedMs, zoom_changes AS zoomChanges, zoom,
  overlay_uses AS overlayUses, input, screen_width AS screenWidth, screen_height AS screenHeight,
  pixel_ratio AS pixelRatio, rated_at AS ratedAt, recorded_at AS recordedAt`;

const notWithdrawn = `rater NOT IN (
  SELECT w.rater FROM rating_events w WHERE w.study = @study AND w.action = 'withdraw')`;

const nothing = {
  dataset: null,
  image: null,
  method: null,
  question: null,
  kind: null,
  repeat: 0,
  score: null,
  trial: null,
  responseMs: null,
  monotonicMs: null,
  focusLosses: null,
  unfocusedMs: null,
  zoomChanges: null,
  zoom: null,
  overlayUses: null,
  input: null,
  screenWidth: null,
  screenHeight: null,
  pixelRatio: null,
  ratedAt: null,
} satisfies SqlParameters;

/** Every label and every withdrawal, in the order they came. Nothing is changed or deleted. */
export class RatingEventsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /**
   * Durable when it returns. `known`: this very event is there already (its sender had no answer
   * and sent it again). Another one under the same `event` is a `conflict`.
   */
  append(event: NewRatingEvent): 'added' | 'known' {
    return this.#database.transaction(() => {
      const known = this.#database.get(
        eventSchema,
        `SELECT id, event, ${columns} FROM rating_events WHERE event = @event`,
        { event: event.event },
      );
      if (known === undefined) {
        this.#insert(event);
        return 'added';
      }
      const wanted = { ...nothing, ...event };
      const told = ['study', 'rater', 'trial', 'question', 'score'] as const;
      if (told.every((name) => known[name] === wanted[name])) return 'known';
      throw new StudioError({
        code: 'conflict',
        message: 'This label was recorded before with another content: give it again.',
        details: { event: event.event },
      });
    });
  }

  /** Of one rater: the latest label of each trial and question. */
  given(study: string, rater: string): GivenLabel[] {
    return this.#database.all(
      givenSchema,
      `SELECT trial, question, score, events FROM (
         SELECT id, trial, question, score,
           count(*) OVER (PARTITION BY trial, question) AS events,
           row_number() OVER (PARTITION BY trial, question ORDER BY id DESC) AS newest
         FROM rating_events
         WHERE study = @study AND rater = @rater AND trial IS NOT NULL AND question IS NOT NULL)
       WHERE newest = 1 ORDER BY id`,
      { study, rater },
    );
  }

  /**
   * The labels that count, of all kinds: the last one of each (rater, dataset, image, method,
   * question, kind, repeat), of other kinds than main also of each trial; without raters who have
   * withdrawn. In the order they came.
   */
  counted(study: string): RatingRow[] {
    return this.#database.all(
      sharingTexts(),
      `SELECT study, dataset, image, method, question, rater, session, trial, kind, repeat, score,
         response_ms AS responseMs, rated_at AS ratedAt
       FROM rating_events WHERE id IN (
         SELECT max(id) FROM rating_events
         WHERE study = @study AND action <> 'withdraw' AND ${notWithdrawn}
         GROUP BY rater, dataset, image, method, question, kind, repeat,
           CASE kind WHEN 'main' THEN NULL ELSE trial END)
       ORDER BY id`,
      { study },
    );
  }

  /** Everything, changes and withdrawals included, in the order it came. */
  all(study: string): StoredRatingEvent[] {
    return this.#database.all(
      eventSchema,
      `SELECT id, event, ${columns} FROM rating_events WHERE study = @study ORDER BY id`,
      { study },
    );
  }

  /** Codes of those who took their consent back. */
  withdrawn(study: string): string[] {
    return this.#database
      .all(
        z.object({ rater: z.string() }),
        `SELECT DISTINCT rater FROM rating_events WHERE study = @study AND action = 'withdraw'
         ORDER BY rater`,
        { study },
      )
      .map(({ rater }) => rater);
  }

  /** Labels of main trials that count. */
  count(study: string): number {
    return this.#database.number(
      `SELECT count(*) AS n FROM (
         SELECT DISTINCT rater, dataset, image, method, question FROM rating_events
         WHERE study = @study AND kind = 'main' AND ${notWithdrawn})`,
      { study },
    );
  }

  /** The same over all studies. */
  countAll(): number {
    return this.#database.number(
      `SELECT count(*) AS n FROM (
         SELECT DISTINCT study, rater, dataset, image, method, question FROM rating_events
         WHERE kind = 'main' AND (study, rater) NOT IN (
           SELECT w.study, w.rater FROM rating_events w WHERE w.action = 'withdraw'))`,
    );
  }

  hasAny(study: string): boolean {
    return (
      this.#database.number(
        'SELECT EXISTS (SELECT 1 FROM rating_events WHERE study = @study) AS n',
        {
          study,
        },
      ) === 1
    );
  }

  lastRatedAt(study: string, rater: string): string | null {
    const row = this.#database.get(
      z.object({ ratedAt: z.string().nullable() }),
      `SELECT rated_at AS ratedAt FROM rating_events
       WHERE study = @study AND rater = @rater AND action <> 'withdraw' ORDER BY id DESC LIMIT 1`,
      { study, rater },
    );
    return row?.ratedAt ?? null;
  }

  /**
   * Erase everything of one rater (a code), or of a study; answers with the number of events. Back
   * the database up before, and call `Database.compact` after the transaction.
   */
  eraseRater(study: string, rater: string): number {
    return eraseRatingEvents(this.#database, study, rater);
  }

  eraseStudy(study: string): number {
    return eraseRatingEvents(this.#database, study);
  }

  #insert(event: NewRatingEvent): void {
    this.#database.run(
      `INSERT INTO rating_events (event, study, rater, action, dataset, image, method, question,
         kind, repeat, score, session, trial, response_ms, monotonic_ms, focus_losses,
         unfocused_ms, zoom_changes, zoom, overlay_uses, input, screen_width, screen_height,
         pixel_ratio, rated_at, recorded_at)
       VALUES (@event, @study, @rater, @action, @dataset, @image, @method, @question, @kind,
         @repeat, @score, @session, @trial, @responseMs, @monotonicMs, @focusLosses, @unfocusedMs,
         @zoomChanges, @zoom, @overlayUses, @input, @screenWidth, @screenHeight, @pixelRatio,
         @ratedAt, @recordedAt)`,
      { ...nothing, ...event },
    );
  }
}

/**
 * Labels of a study say the same few texts over and over, and each row of SQLite brings texts of its
 * own: a schema whose rows share them.
 */
function sharingTexts() {
  const known = new Map<string, string>();
  const one = <T extends string | null>(text: T): T => {
    if (text === null) return text;
    const before = known.get(text);
    if (before === undefined) known.set(text, text);
    return (before ?? text) as T;
  };
  return rowSchema.transform((row): RatingRow => ({
    study: one(row.study),
    dataset: one(row.dataset),
    image: one(row.image),
    method: one(row.method),
    question: one(row.question),
    rater: one(row.rater),
    session: one(row.session),
    trial: one(row.trial),
    kind: one(row.kind),
    repeat: row.repeat,
    score: row.score,
    responseMs: row.responseMs,
    ratedAt: one(row.ratedAt),
  }));
}
