import { z } from 'zod';
import { raterIdSchema, sessionIdSchema, studyIdSchema } from '../../../shared/ids';
import { questionIdSchema, trialKindSchema } from '../../../shared/ratings/questions';
import { type Experience, experienceSchema } from '../../../shared/ratings/rating-routes';
import { type Database } from '../storage/database';
import { json } from '../storage/json';

const raterSchema = z.object({
  id: raterIdSchema,
  study: studyIdSchema,
  code: z.string(),
  /** 0, 1, … within the study: the seed of this rater's order. */
  ordinal: z.int(),
  tokenSha256: z.string().nullable(),
  experience: experienceSchema.nullable(),
  answers: json(z.record(z.string(), z.string())).nullable(),
  readAt: z.string().nullable(),
  consentedAt: z.string().nullable(),
  createdAt: z.string(),
  lastSeenAt: z.string().nullable(),
});
export type StoredRater = z.output<typeof raterSchema>;

const trialSchema = z.object({
  position: z.int(),
  kind: trialKindSchema,
  dataset: z.string(),
  image: z.string(),
  /** Of practice and checks: the made picture. */
  method: z.string(),
  repeat: z.int(),
  firstQuestion: questionIdSchema,
  checkKind: z.enum(['instructed', 'flat']).nullable(),
  expectedLow: z.int().nullable(),
  expectedHigh: z.int().nullable(),
});
export type StoredTrial = z.output<typeof trialSchema>;

const sessionSchema = z.object({
  id: sessionIdSchema,
  rater: raterIdSchema,
  entry: z.enum(['desk', 'link']),
  screenWidth: z.int(),
  screenHeight: z.int(),
  pixelRatio: z.number(),
  startedAt: z.string(),
});
export type StoredSession = z.output<typeof sessionSchema>;

const pairCountSchema = z.object({
  dataset: z.string(),
  image: z.string(),
  method: z.string(),
  count: z.int(),
});
export type PairCount = z.output<typeof pairCountSchema>;

const select = `SELECT id, study, code, ordinal, token_sha256 AS tokenSha256, experience, answers,
  read_at AS readAt, consented_at AS consentedAt, created_at AS createdAt,
  last_seen_at AS lastSeenAt FROM raters`;

/** Raters, the order of their trials, and their sessions. Codes are told apart without case. */
export class RatersRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** A code that the study has already is a `conflict`. */
  insert(rater: Pick<StoredRater, 'id' | 'study' | 'code' | 'ordinal' | 'createdAt'>): void {
    const { id, study, code, ordinal, createdAt } = rater;
    this.#database.run(
      `INSERT INTO raters (id, study, code, ordinal, created_at)
       VALUES (@id, @study, @code, @ordinal, @createdAt)`,
      { id, study, code, ordinal, createdAt },
    );
  }

  get(id: string): StoredRater | undefined {
    return this.#database.get(raterSchema, `${select} WHERE id = @id`, { id });
  }

  byCode(study: string, code: string): StoredRater | undefined {
    const where = 'WHERE study = @study AND code = @code';
    return this.#database.get(raterSchema, `${select} ${where}`, { study, code });
  }

  byToken(sha256: string): StoredRater | undefined {
    return this.#database.get(raterSchema, `${select} WHERE token_sha256 = @sha256`, { sha256 });
  }

  /** In the order they were made. */
  list(study: string): StoredRater[] {
    return this.#database.all(raterSchema, `${select} WHERE study = @study ORDER BY ordinal`, {
      study,
    });
  }

  count(study: string): number {
    return this.#database.number('SELECT count(*) AS n FROM raters WHERE study = @study', {
      study,
    });
  }

  nextOrdinal(study: string): number {
    return this.#database.number(
      'SELECT coalesce(max(ordinal) + 1, 0) AS n FROM raters WHERE study = @study',
      { study },
    );
  }

  setToken(id: string, sha256: string | null): void {
    this.#database.run('UPDATE raters SET token_sha256 = @sha256 WHERE id = @id', { id, sha256 });
  }

  describe(
    id: string,
    about: { experience: Experience | null; answers: Readonly<Record<string, string>> | null },
  ): void {
    const { experience, answers } = about;
    this.#database.run(
      'UPDATE raters SET experience = @experience, answers = @answers WHERE id = @id',
      { id, experience, answers: answers === null ? null : JSON.stringify(answers) },
    );
  }

  setRead(id: string, at: string): void {
    this.#database.run('UPDATE raters SET read_at = @at WHERE id = @id', { id, at });
  }

  setConsented(id: string, at: string): void {
    this.#database.run('UPDATE raters SET consented_at = @at WHERE id = @id', { id, at });
  }

  seen(id: string, at: string): void {
    this.#database.run('UPDATE raters SET last_seen_at = @at WHERE id = @id', { id, at });
  }

  /** The order of a rater, once: a second one is a `conflict`. */
  putTrials(rater: string, trials: readonly StoredTrial[]): void {
    this.#database.transaction(() => {
      for (const trial of trials) {
        this.#database.run(
          `INSERT INTO trials (rater, position, kind, dataset, image, method, repeat,
             first_question, check_kind, expected_low, expected_high)
           VALUES (@rater, @position, @kind, @dataset, @image, @method, @repeat, @firstQuestion,
             @checkKind, @expectedLow, @expectedHigh)`,
          { rater, ...trial },
        );
      }
    });
  }

  /** All raters of a study begin anew: another configuration asks and shows something else. */
  beginAnew(study: string): void {
    this.#database.transaction(() => {
      this.#database.run(
        `UPDATE raters SET experience = NULL, answers = NULL, read_at = NULL, consented_at = NULL
         WHERE study = @study`,
        { study },
      );
      this.#database.run(
        'DELETE FROM trials WHERE rater IN (SELECT id FROM raters WHERE study = @study)',
        { study },
      );
    });
  }

  /** By position. */
  trials(rater: string): StoredTrial[] {
    return this.#database.all(
      trialSchema,
      `SELECT position, kind, dataset, image, method, repeat, first_question AS firstQuestion,
         check_kind AS checkKind, expected_low AS expectedLow, expected_high AS expectedHigh
       FROM trials WHERE rater = @rater ORDER BY position`,
      { rater },
    );
  }

  /** How often each pair of image and method stands in the orders of those who have not withdrawn. */
  pairCounts(study: string): PairCount[] {
    return this.#database.all(
      pairCountSchema,
      `SELECT t.dataset, t.image, t.method, count(*) AS count
       FROM raters r JOIN trials t ON t.rater = r.id
       WHERE r.study = @study AND t.kind = 'main' AND NOT EXISTS (
         SELECT 1 FROM rating_events e
         WHERE e.study = r.study AND e.rater = r.code AND e.action = 'withdraw')
       GROUP BY t.dataset, t.image, t.method ORDER BY t.dataset, t.image, t.method`,
      { study },
    );
  }

  addSession(session: StoredSession): void {
    this.#database.run(
      `INSERT INTO rating_sessions (id, rater, entry, screen_width, screen_height, pixel_ratio,
         started_at)
       VALUES (@id, @rater, @entry, @screenWidth, @screenHeight, @pixelRatio, @startedAt)`,
      { ...session },
    );
  }

  session(id: string): StoredSession | undefined {
    return this.#database.get(sessionSchema, `${selectSessions} WHERE id = @id`, { id });
  }

  /** In the order they began. */
  sessions(rater: string): StoredSession[] {
    return this.#database.all(
      sessionSchema,
      `${selectSessions} WHERE rater = @rater ORDER BY started_at, rowid`,
      { rater },
    );
  }

  /** With the order and the sessions. Labels go through the rating events' own erasure. */
  remove(id: string): void {
    this.#database.run('DELETE FROM raters WHERE id = @id', { id });
  }
}

const selectSessions = `SELECT id, rater, entry, screen_width AS screenWidth,
  screen_height AS screenHeight, pixel_ratio AS pixelRatio, started_at AS startedAt
  FROM rating_sessions`;
