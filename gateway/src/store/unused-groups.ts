/**
 * Groups to which no sum refers any more. Derived sums have an index by group; of those that are not derived yet the
 * hours are read. Writers remember which groups are stored, so a removal holds them off and then changes
 * `removed_groups`, at which they forget (`RollupState`).
 */
const hasNoDerivedSums = `(SELECT 1 FROM rollups WHERE group_id = rollup_groups.id AND span <> 'hour' LIMIT 1) IS NULL`

export const groupStatements = {
  /** Values: an id and the largest number of groups behind it. Returns the last of them, their number, and how many may be unused. */
  readPage: `SELECT max(id) AS last_id, count(*) AS page_groups, CAST(sum(is_unused) AS BIGINT) AS unused FROM (
    SELECT id, CASE WHEN ${hasNoDerivedSums} THEN 1 ELSE 0 END AS is_unused
    FROM rollup_groups WHERE id > ? ORDER BY id LIMIT ?) AS page`,
  /** Values: the ids before and at the end of the page, and the end of the derived hours. */
  remove: `DELETE FROM rollup_groups WHERE id > ? AND id <= ? AND ${hasNoDerivedSums}
    AND id NOT IN (SELECT group_id FROM rollups WHERE span = 'hour' AND start_ms >= ?)`,
  /** Values: a number that differs from the one before. */
  setRemoved: `INSERT INTO rollup_progress (name, until_ms) VALUES ('removed_groups', ?)
    ON CONFLICT (name) DO UPDATE SET until_ms = excluded.until_ms`,
} as const

/** Before the id of every group. */
export const beforeGroups = -(2n ** 63n)

/** The value of `removed_groups` after a removal: its time, and never the one before. */
export function nextRemoval(before: number | null, nowMs: number): number {
  return Math.max(nowMs, (before ?? 0) + 1)
}
