/**
 * Translates tables that are written for PostgreSQL's types (`TEXT`, `BIGINT`) into SQLite's STRICT tables. Each table
 * ends with `);` on a line of its own.
 */
export function toSqliteTables(tables: string): string {
  return tables.replaceAll(/\bBIGINT\b/g, 'INTEGER').replaceAll(/^\);$/gm, ') STRICT;')
}
