import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import SQLite from 'better-sqlite3';
import { z } from 'zod';
import { StudioError } from '../../../shared/errors';
import { copyBeforeUpdate } from './copy-before-update';
import { canWriteDatabase, type CopyForReading, copyForReading } from './copy-for-reading';
import { migrate, refuseNewer } from './migrations';
import { closeConnection, keepOpen } from './open-connections';
import { storageError } from './storage-error';

export type SqlValue = string | number | null;
export type SqlParameters = Readonly<Record<string, SqlValue>>;

/**
 * One connection. Repositories talk to SQLite through this class alone: rows are parsed with the
 * caller's schema, and SQLite's errors become a StudioError that a person can act on.
 */
export class Database {
  readonly path: string;
  readonly readonly: boolean;
  readonly #connection: SQLite.Database;
  readonly #copy: CopyForReading | null;
  readonly #statements = new Map<string, SQLite.Statement>();

  /** @param of the file that is named to people, and the copy of it that is open, if one is */
  constructor(connection: SQLite.Database, of?: { path: string; copy: CopyForReading }) {
    this.#connection = keepOpen(connection);
    this.#copy = of?.copy ?? null;
    this.path = of?.path ?? connection.name;
    this.readonly = connection.readonly;
  }

  /** Run a statement; answers with the number of rows changed. */
  run(sql: string, parameters: SqlParameters = {}): number {
    return this.#guard(() => this.#prepare(sql).run(parameters).changes);
  }

  get<S extends z.ZodType>(
    schema: S,
    sql: string,
    parameters: SqlParameters = {},
  ): z.output<S> | undefined {
    const row = this.#guard(() => this.#prepare(sql).get(parameters));
    return row === undefined ? undefined : this.#parse(schema, row, sql);
  }

  /**
   * The row of a query that always has one, such as of sums.
   *
   * @throws RangeError where it has none
   */
  one<S extends z.ZodType>(schema: S, sql: string, parameters: SqlParameters = {}): z.output<S> {
    const row = this.get(schema, sql, parameters);
    if (row === undefined) throw new RangeError(`no row: ${sql}`);
    return row;
  }

  /** The whole number that a query gives as `n`. */
  number(sql: string, parameters: SqlParameters = {}): number {
    return this.one(z.object({ n: z.int() }), sql, parameters).n;
  }

  all<S extends z.ZodType>(schema: S, sql: string, parameters: SqlParameters = {}): z.output<S>[] {
    const parsed: z.output<S>[] = [];
    const rows = this.#guard(() => this.#prepare(sql).iterate(parameters));
    // One at a time: of very many rows all would else be there twice.
    this.#guard(() => {
      for (const row of rows) parsed.push(this.#parse(schema, row, sql));
    });
    return parsed;
  }

  /** All or nothing; nested calls join the outer transaction. */
  transaction<T>(work: () => T): T {
    if (this.#connection.inTransaction) return work();
    return this.#guard(() => this.#connection.transaction(work).immediate());
  }

  /** Several statements without parameters or results. */
  execute(sql: string): void {
    this.#guard(() => this.#connection.exec(sql));
  }

  /** A whole copy as one file, made while this database is in use (SQLite's online backup). */
  async backup(path: string): Promise<void> {
    try {
      await this.#connection.backup(path);
    } catch (error) {
      throw storageError(error, path);
    }
  }

  /**
   * Rebuild the file without what was deleted, and empty the write-ahead log. Answers whether the
   * log could be emptied: a reader beside this writer keeps it until it is done.
   */
  compact(): boolean {
    this.execute('VACUUM');
    const result = z.object({ busy: z.int() });
    return this.get(result, 'PRAGMA wal_checkpoint(TRUNCATE)')?.busy === 0;
  }

  close(): void {
    this.#statements.clear();
    closeConnection(this.#connection);
    this.#copy?.remove();
  }

  #prepare(sql: string): SQLite.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#connection.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #parse<S extends z.ZodType>(schema: S, row: unknown, sql: string): z.output<S> {
    const result = schema.safeParse(row);
    if (result.success) return result.data;
    throw new StudioError(
      {
        code: 'corrupt-file',
        message: `The database ${this.path} holds a row that this version cannot read.`,
        details: { query: sql, reason: z.prettifyError(result.error) },
      },
      result.error,
    );
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw storageError(error, this.path);
    }
  }
}

export interface OpenDatabaseOptions {
  /** The file, or ':memory:'. */
  readonly path: string;
  /** Folder of the numbered migrations. */
  readonly migrations: string;
  /** Dates the copy that is kept before an update. */
  readonly now?: () => Date;
}

/**
 * Open for writing: refuse a database of a newer version untouched, check its integrity, bring it
 * to this version; where that rebuilds tables, a verified copy goes to `backups/` beside it first. Throws `newer-database`, `corrupt-file`, `read-only` or `disk-full`.
 */
export function openDatabase({
  path,
  migrations,
  now = () => new Date(),
}: OpenDatabaseOptions): Database {
  const existed = path !== ':memory:' && existsSync(path);
  try {
    if (existed) refuseNewer(path, migrations);
    const connection = new SQLite(path, { timeout: 5000 });
    try {
      connection.pragma('journal_mode = WAL');
      connection.pragma('synchronous = FULL');
      // What is deleted is overwritten: an erased rater leaves no bytes behind.
      connection.pragma('secure_delete = ON');
      if (existed) checkIntegrity(connection);
      migrate(connection, migrations, () => {
        copyBeforeUpdate(connection, join(dirname(path), 'backups'), now());
      });
      connection.pragma('foreign_keys = ON');
      return new Database(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
  } catch (error) {
    throw storageError(error, path);
  }
}

/**
 * Open for reading, beside a writer or alone. Where it is of an older version, or cannot be written,
 * a temporary copy is read, brought to this version. Throws `not-found` where no database is,
 * `newer-database` as above.
 */
export function openReadOnly({ path, migrations }: OpenDatabaseOptions): Database {
  if (!existsSync(path)) {
    throw new StudioError({
      code: 'not-found',
      message: `There is no studio database at ${path}: nothing has been made there yet.`,
    });
  }
  try {
    if (!canWriteDatabase(path) || isOlder(path, migrations)) return openCopy({ path, migrations });
    return new Database(new SQLite(path, { readonly: true, fileMustExist: true, timeout: 5000 }));
  } catch (error) {
    throw storageError(error, path);
  }
}

/** Whether a database is of an older version; throws `newer-database` as above. */
export function isOlder(path: string, migrations: string): boolean {
  const { found, newest } = refuseNewer(path, migrations);
  return found < newest;
}

function openCopy({ path, migrations }: OpenDatabaseOptions): Database {
  const copy = copyForReading(path);
  try {
    if (isOlder(copy.path, migrations)) migrateCopy(copy.path, migrations);
    const connection = new SQLite(copy.path, { readonly: true, fileMustExist: true });
    return new Database(connection, { path, copy });
  } catch (error) {
    copy.remove();
    throw error;
  }
}

function migrateCopy(path: string, migrations: string): void {
  const connection = new SQLite(path, { fileMustExist: true });
  try {
    migrate(connection, migrations);
  } finally {
    connection.close();
  }
}

function checkIntegrity(connection: SQLite.Database): void {
  const rows = z
    .array(z.object({ quick_check: z.string() }))
    .parse(connection.pragma('quick_check(5)'));
  const problems = rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
  if (problems.length === 0) return;
  throw new StudioError({
    code: 'corrupt-file',
    message: `The database ${connection.name} is damaged: restore it from a backup, or move it away and start with a new one.`,
    details: { check: problems.join('\n') },
  });
}
