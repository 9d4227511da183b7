import { z } from 'zod';
import { raterIdSchema, studyIdSchema } from '../../../shared/ids';
import { type Database } from '../storage/database';

const modeSchema = z.object({
  study: studyIdSchema,
  /** Who rates now; null between two raters. */
  rater: raterIdSchema.nullable(),
  /** scrypt hash with its salt; null: none is asked for. */
  passphrase: z.string().nullable(),
  beganAt: z.string(),
});
export type StoredAnnotatorMode = z.output<typeof modeSchema>;

/** Annotator mode on this machine; it survives a restart. */
export class AnnotatorModeRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(): StoredAnnotatorMode | undefined {
    return this.#database.get(
      modeSchema,
      'SELECT study, rater, passphrase, began_at AS beganAt FROM annotator_mode',
    );
  }

  /** A second beginning is a `conflict`. */
  begin(mode: { study: string; passphrase: string | null; beganAt: string }): void {
    const { study, passphrase, beganAt } = mode;
    this.#database.run(
      `INSERT INTO annotator_mode (one, study, rater, passphrase, began_at)
       VALUES (1, @study, NULL, @passphrase, @beganAt)`,
      { study, passphrase, beganAt },
    );
  }

  setRater(rater: string | null): void {
    this.#database.run('UPDATE annotator_mode SET rater = @rater', { rater });
  }

  end(): void {
    this.#database.run('DELETE FROM annotator_mode');
  }
}
