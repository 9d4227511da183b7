import type SQLite from 'better-sqlite3';

// A connection that nobody refers to is collected while it is open, and its locks are let go with
// it. So an open one is always referred to.
const connections = new Set<SQLite.Database>();

export function keepOpen(connection: SQLite.Database): SQLite.Database {
  connections.add(connection);
  return connection;
}

export function closeConnection(connection: SQLite.Database): void {
  connection.close();
  connections.delete(connection);
}
