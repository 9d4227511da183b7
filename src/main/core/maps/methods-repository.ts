import { z } from 'zod';
import {
  type ImportedFacts,
  isImportedComposition,
  type Method,
  methodSchema,
} from '../../../shared/catalogue/methods';
import { type Database } from '../storage/database';
import { ImportedRepository } from './imported-repository';

/** Methods that the user composed or brought. */
export class MethodsRepository {
  readonly #database: Database;
  readonly #imported: ImportedRepository;

  constructor(database: Database, imported = new ImportedRepository(database)) {
    this.#database = database;
    this.#imported = imported;
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
    return row && this.#method(row, this.#factsOf([row], id));
  }

  /** Oldest first. */
  list(): Method[] {
    const rows = this.#database.all(
      rowSchema,
      'SELECT id, name, composition FROM methods ORDER BY created_at, rowid',
    );
    const facts = this.#factsOf(rows, null);
    return rows.map((row) => this.#method(row, facts));
  }

  remove(id: string): void {
    this.#database.run('DELETE FROM methods WHERE id = @id', { id });
  }

  /** What is made as a composition says, or holds the maps of that content. */
  ofComposition(composition: string): Method | undefined {
    const row = this.#database.get(
      rowSchema,
      'SELECT id, name, composition FROM methods WHERE composition = @composition',
      { composition },
    );
    return row && this.#method(row, this.#factsOf([row], row.id));
  }

  /** Of those that were brought; nothing is asked where none was. */
  #factsOf(rows: readonly Row[], one: string | null): ReadonlyMap<string, ImportedFacts> {
    const brought = rows.some(({ composition }) => isImportedComposition(composition));
    return brought ? this.#imported.facts(one) : new Map();
  }

  #method(row: Row, facts: ReadonlyMap<string, ImportedFacts>): Method {
    const imported = facts.get(row.id);
    const group = imported ? 'imported' : 'composed';
    return methodSchema.parse({ ...row, group, equations: '', ...(imported && { imported }) });
  }
}

const rowSchema = z.object({ id: z.string(), name: z.string(), composition: z.string() });
type Row = z.output<typeof rowSchema>;
