import { rollupDimensions, rollupMeasures } from '../../ledger/rollup.ts'

/** A report looks for parts of their own in every span, and nearly no store has any. */
export const partIndex =
  'CREATE INDEX IF NOT EXISTS rollups_apart ON rollups (span, start_ms) WHERE part > 0;'

/**
 * Sums of calls by hour (UTC), written in the transaction of the calls, and coarser ones that are derived from them
 * (rollup-levels.ts). `rollup_groups` has the combinations of dimensions, `rollups` one row for each span of time, its
 * start and its group. The index by group leaves out the span that every call writes. `part` is 0; calls with absurd values have parts of their own, because a sum with them could
 * exceed 64 bits; an index finds these. A transaction that writes hours holds the row `derived` of `rollup_progress`:
 * the derived sums contain the hours that end until then. Calls and sums before the times of `removed_calls` and
 * `removed_sums` are removed, or will be in the next steps: no report reads them. `removed_groups` changes with every
 * removal of groups (unused-groups.ts).
 */
export const rollupTables = `
CREATE TABLE IF NOT EXISTS rollup_groups (
  id BIGINT PRIMARY KEY,
  level TEXT NOT NULL,
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

CREATE INDEX IF NOT EXISTS rollups_by_group ON rollups (group_id, span, start_ms) WHERE span <> 'hour';
${partIndex}
CREATE INDEX IF NOT EXISTS rollup_groups_by_level ON rollup_groups (level);

CREATE TABLE IF NOT EXISTS rollup_progress (
  name TEXT PRIMARY KEY,
  until_ms BIGINT NOT NULL
);

INSERT INTO rollup_progress (name, until_ms) VALUES ('derived', 0) ON CONFLICT (name) DO NOTHING;
`

/** The time before which sums are removed, as an expression. */
export const removedSumsMs = "coalesce((SELECT until_ms FROM rollup_progress WHERE name = 'removed_sums'), 0)"

const removedGroups = 'removed_groups'

/** What a transaction that writes sums has to know. */
export interface RollupState {
  /** The end of the derived hours. */
  readonly derivedMs: number
  /** Differs after every removal of groups; null: none was removed. */
  readonly removedGroups: number | null
}

/** Reads the rows of `readState`. */
export function readRollupState(rows: readonly Readonly<Record<string, unknown>>[]): RollupState {
  const find = (wanted: string) => rows.find(({ name }) => name === wanted)?.['until_ms']
  const removed = find(removedGroups)
  return {
    derivedMs: Number(find('derived') ?? 0),
    removedGroups: removed === undefined ? null : Number(removed),
  }
}

/** The statements that write rollups, for SQLite and PostgreSQL. */
export const rollupStatements = {
  /** Values: the id, the level and the dimensions. */
  insertGroup: `INSERT INTO rollup_groups (id, level, ${rollupDimensions.join(', ')})
    VALUES (?, ?, ${rollupDimensions.map(() => '?').join(', ')}) ON CONFLICT (id) DO NOTHING`,
  /** Values: span, start, group, part, and the measures. */
  add: `INSERT INTO rollups (span, start_ms, group_id, part, ${rollupMeasures.join(', ')})
    VALUES (?, ?, ?, ?, ${rollupMeasures.map(() => '?').join(', ')})
    ON CONFLICT (span, start_ms, group_id, part) DO UPDATE SET
    ${rollupMeasures.map((name) => `${name} = rollups.${name} + excluded.${name}`).join(', ')}`,
  /** Values: span, start, group. Returns the first part that is free for a call of its own. */
  findPart: `SELECT coalesce(max(part), 0) + 1 AS part FROM rollups WHERE span = ? AND start_ms = ? AND group_id = ?`,
  /** The end of the last hour that the derived sums contain. */
  readProgress: "SELECT until_ms FROM rollup_progress WHERE name = 'derived'",
  /** The same with `removed_groups`, which a writer that remembers groups needs; in the order of their locks. */
  readState: `SELECT name, until_ms FROM rollup_progress WHERE name IN ('derived', '${removedGroups}') ORDER BY name`,
  /** Values: the new end. */
  setProgress: `INSERT INTO rollup_progress (name, until_ms) VALUES ('derived', ?)
    ON CONFLICT (name) DO UPDATE SET until_ms = excluded.until_ms`,
  /** The times before which calls and sums are removed. */
  readRemoved: "SELECT name, until_ms FROM rollup_progress WHERE name IN ('removed_calls', 'removed_sums')",
  /** Values: the name and the time. A time never goes back. */
  setRemoved: `INSERT INTO rollup_progress (name, until_ms) VALUES (?, ?) ON CONFLICT (name) DO UPDATE
    SET until_ms = excluded.until_ms WHERE rollup_progress.until_ms < excluded.until_ms`,
  /** Values: a time. Returns the first hour with calls from then on. */
  findHour: "SELECT min(start_ms) AS start_ms FROM rollups WHERE span = 'hour' AND start_ms >= ?",
  /** Values: an hour. */
  readHour: `SELECT id, ${rollupDimensions.join(', ')}, part, ${rollupMeasures.join(', ')}
    FROM rollups JOIN rollup_groups ON id = group_id WHERE span = 'hour' AND start_ms = ?`,
} as const
