import { z } from 'zod';
import { type Method, methodSchema } from '../../../shared/catalogue/methods';
import { type Database } from '../storage/database';

/** Methods that the user composed. */
export class MethodsRepository {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Throws `conflict` where the id or the composition exists. */
  insert(method: Pick<Method, 'id' | 'name' | 'composition'>, createdAt: string): void {
    const { id, name, composition } = method;
    this.#database.run(
      `INSERT INTO methods (id, name, composition, created_at)
       VALUES (@id, @name, @composition, @createdAt)`,
      { id, name, composition, createdAt },
    );
  }

  get(id: string): Method | undefined {
    const row = this.#database.get(
      rowSchema,
      'SELECT id, name, composition FROM methods WHERE id = @id',
      { id },
    );
    return row && method(row);
  }

  /** Oldest first. */
  list(): Method[] {
    return this.#database
      .all(rowSchema, 'SELECT id, name, composition FROM methods ORDER BY created_at, rowid')
      .map(method);
  }

  remove(id: string): void {
    this.#database.run('DELETE FROM methods WHERE id = @id', { id });
  }
}

const rowSchema = z.object({ id: z.string(), name: z.string(), composition: z.string() });

function method(row: z.output<typeof rowSchema>): Method {
  return methodSchema.parse({ ...row, group: 'composed', equations: '' });
}
