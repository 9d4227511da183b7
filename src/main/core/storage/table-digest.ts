import { createHash, type Hash } from 'node:crypto';
import type SQLite from 'better-sqlite3';
import { z } from 'zod';

/** What of a table is read for its digest, in which order: of before it is changed. */
export interface TableShape {
  readonly table: string;
  readonly columns: readonly string[];
  readonly order: readonly string[];
}

/** Every table of a person's data, in order of their names. */
export function tablesOf(connection: SQLite.Database): string[] {
  return z
    .array(z.object({ name: z.string() }))
    .parse(
      connection
        .prepare(
          `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
           ORDER BY name`,
        )
        .all(),
    )
    .map(({ name }) => name);
}

/** @throws RangeError for a table that is not there */
export function shapeOf(connection: SQLite.Database, table: string): TableShape {
  const columns = z
    .array(z.object({ name: z.string(), pk: z.int() }))
    .parse(connection.prepare('SELECT name, pk FROM pragma_table_info(?)').all(table));
  if (columns.length === 0) throw new RangeError(`there is no table ${table}`);
  const key = columns.filter(({ pk }) => pk > 0).sort((a, b) => a.pk - b.pk);
  return {
    table,
    columns: columns.map(({ name }) => name),
    order: key.length > 0 ? key.map(({ name }) => name) : ['rowid'],
  };
}

/**
 * sha256 over every row of the tables in the order of their keys: of each value its type and its very
 * bytes; and the number that SQLite gives out next for a table that counts.
 */
export function digestOf(connection: SQLite.Database, shapes: readonly TableShape[]): string {
  const hash = createHash('sha256');
  const counts = tablesThatCount(connection);
  for (const { table, columns, order } of shapes) {
    add(hash, table);
    const next = counts.get(table);
    add(hash, next === undefined ? null : next);
    const values = columns.map(quoted).flatMap((column) => [
      `typeof(${column})`,
      // Bytes of a text are taken as they lie there, be they UTF-8 or not.
      `CASE typeof(${column}) WHEN 'text' THEN CAST(${column} AS BLOB) ELSE ${column} END`,
    ]);
    const rows = connection
      .prepare(
        `SELECT ${values.join(', ')} FROM ${quoted(table)} ORDER BY ${order.map(quoted).join(', ')}`,
      )
      .raw()
      .safeIntegers()
      .iterate();
    for (const row of rows) for (const value of valuesSchema.parse(row)) add(hash, value);
  }
  return hash.digest('hex');
}

const valuesSchema = z.array(
  z.union([z.null(), z.bigint(), z.number(), z.string(), z.instanceof(Uint8Array)]),
);
type Value = z.output<typeof valuesSchema>[number];

function tablesThatCount(connection: SQLite.Database): Map<string, bigint | null> {
  const counting = connection
    .prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_sequence'`)
    .get();
  if (counting === undefined) return new Map();
  const rows = connection.prepare('SELECT name, seq FROM sqlite_sequence').safeIntegers().all();
  return new Map(
    z
      .array(z.object({ name: z.string(), seq: z.bigint().nullable() }))
      .parse(rows)
      .map(({ name, seq }) => [name, seq]),
  );
}

/** Each value with its kind and length, so that no two rows run together. */
function add(hash: Hash, value: Value): void {
  const bytes = bytesOf(value);
  const head = Buffer.alloc(9);
  head.writeUInt8(kindOf(value));
  head.writeBigUInt64LE(BigInt(bytes.byteLength), 1);
  hash.update(head).update(bytes);
}

function kindOf(value: Value): number {
  if (value === null) return 0;
  return { bigint: 1, number: 2, string: 3, object: 4 }[
    typeof value as 'bigint' | 'number' | 'string' | 'object'
  ];
}

function bytesOf(value: Value): Uint8Array {
  if (value === null) return new Uint8Array();
  if (typeof value === 'string') return Buffer.from(value);
  if (value instanceof Uint8Array) return value;
  const bytes = Buffer.alloc(8);
  if (typeof value === 'bigint') bytes.writeBigInt64LE(value);
  else bytes.writeDoubleLE(value);
  return bytes;
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
