import { rollupDimensions, rollupMeasures } from '../../ledger/rollup.ts'

/**
 * Sums of calls by hour and by day (UTC), written in the transaction of the calls. `rollup_groups` has the
 * combinations of dimensions, `rollups` one row for each span of time, its start and its group. `part` is 0; calls with
 * absurd values have parts of their own, because a sum with them could exceed 64 bits.
 */
export const rollupTables = `
CREATE TABLE IF NOT EXISTS rollup_groups (
  id BIGINT PRIMARY KEY,
  ${rollupDimensions.map((name) => `${name} TEXT NOT NULL`).join(',\n  ')}
);

CREATE TABLE IF NOT EXISTS rollups (
  span TEXT NOT NULL,
  start_ms BIGINT NOT NULL,
  group_id BIGINT NOT NULL,
  part BIGINT NOT NULL,
  ${rollupMeasures.map((name) => `${name} BIGINT NOT NULL`).join(',\n  ')},
  PRIMARY KEY (span, start_ms, group_id, part)
);

CREATE INDEX IF NOT EXISTS rollups_by_group ON rollups (group_id, span, start_ms);
`

/** The statements that write rollups, for SQLite and PostgreSQL. */
export const rollupStatements = {
  /** Values: the id and the dimensions. */
  insertGroup: `INSERT INTO rollup_groups (id, ${rollupDimensions.join(', ')})
    VALUES (?, ${rollupDimensions.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  /** Values: span, start, group, part, and the measures. */
  add: `INSERT INTO rollups (span, start_ms, group_id, part, ${rollupMeasures.join(', ')})
    VALUES (?, ?, ?, ?, ${rollupMeasures.map(() => '?').join(', ')})
    ON CONFLICT (span, start_ms, group_id, part) DO UPDATE SET
    ${rollupMeasures.map((name) => `${name} = rollups.${name} + excluded.${name}`).join(', ')}`,
  /** Values: span, start, group. Returns the first part that is free for a call of its own. */
  findPart: `SELECT coalesce(max(part), 0) + 1 AS part FROM rollups WHERE span = ? AND start_ms = ? AND group_id = ?`,
} as const
