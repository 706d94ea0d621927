import type { PoolClient } from 'pg'

import { rollupMeasures, rollupSpans } from '../../ledger/rollup.ts'
import { allHours } from '../../ledger/rollup-periods.ts'
import { rollupLevels } from '../../ledger/rollup-levels.ts'
import type { RollupLevel } from '../../ledger/rollup-levels.ts'
import { createRowCounter } from '../upgrade.ts'
import type { OnUpgrade } from '../upgrade.ts'

/**
 * Divides `rollups` into one table for each span. In one table the rows of all spans that were written together share
 * pages, so that a report over the few rows of a coarse span reads as many pages as the whole table has. The rows are
 * moved in the order of the key. Servers that run meanwhile can read; their writing waits, in their journals.
 */
export async function partitionRollups(client: PoolClient, onUpgrade: OnUpgrade): Promise<void> {
  // In the order in which the writer locks them.
  await client.query('SELECT until_ms FROM rollup_progress FOR UPDATE')
  await client.query('LOCK TABLE rollups IN SHARE ROW EXCLUSIVE MODE')
  await client.query(createTables)
  await moveRows(client, onUpgrade)
  await client.query(replaceTable)
}

const levels: readonly Pick<RollupLevel, 'span' | 'unit' | 'dimensions'>[] = [allHours, ...rollupLevels]

/** The table of a span, such as `rollups_day_by_member`. The outcome, which all have, is left out. */
export function getRollupPartition({ span, unit, dimensions }: (typeof levels)[number]): string {
  if (span === unit) return `rollups_${unit}`
  const named = dimensions.filter((name, at) => name !== 'outcome' || at === 0)
  return `rollups_${unit}_by_${named.map((name) => name.replace(/_id$/, '')).join('_')}`
}

const createTables = `
  CREATE TABLE spans_of_rollups (LIKE rollups) PARTITION BY LIST (span);
  ALTER TABLE spans_of_rollups ADD CONSTRAINT spans_of_rollups_key PRIMARY KEY (span, start_ms, group_id, part);
  CREATE INDEX spans_of_rollups_by_group ON spans_of_rollups (group_id, span, start_ms) WHERE span <> 'hour';
  CREATE INDEX spans_of_rollups_apart ON spans_of_rollups (span, start_ms) WHERE part > 0;
  ${levels
    .map(
      (level) =>
        `CREATE TABLE ${getRollupPartition(level)} PARTITION OF spans_of_rollups FOR VALUES IN ('${level.span}');`,
    )
    .join('\n')}
`

// The rights of other roles, such as one that only reads, are those of the table before.
const replaceTable = `
  DO $$
  DECLARE granted record;
  BEGIN
    FOR granted IN
      SELECT privilege_type, is_grantable,
        CASE WHEN grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END AS role
      FROM pg_class, aclexplode(relacl) WHERE pg_class.oid = 'rollups'::regclass AND grantee <> relowner
    LOOP
      EXECUTE format('GRANT %s ON spans_of_rollups TO %s', granted.privilege_type, granted.role)
        || CASE WHEN granted.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END;
    END LOOP;
  END $$;
  DROP TABLE rollups;
  ALTER TABLE spans_of_rollups RENAME TO rollups;
  ALTER INDEX spans_of_rollups_key RENAME TO rollups_pkey;
  ALTER INDEX spans_of_rollups_by_group RENAME TO rollups_by_group;
  ALTER INDEX spans_of_rollups_apart RENAME TO rollups_apart;
  ANALYZE rollups;
`

const columns = ['span', 'start_ms', 'group_id', 'part', ...rollupMeasures].join(', ')

/** A statement moves a week of a span, so that it takes seconds at most. */
async function moveRows(client: PoolClient, onUpgrade: OnUpgrade): Promise<void> {
  const { rows } = await client.query<{ rows: bigint }>('SELECT count(*) AS rows FROM rollups')
  const count = createRowCounter(onUpgrade, { table: 'rollups', totalRows: Number(rows[0]?.rows ?? 0) })
  for (const { span } of levels) {
    let startMs = await findStart(client, span, 0)
    while (startMs !== null) {
      const { rowCount } = await client.query(moveWeek, [span, startMs, startMs + weekMs])
      count(rowCount ?? 0)
      startMs = await findStart(client, span, startMs + weekMs)
    }
  }
}

async function findStart(client: PoolClient, span: string, sinceMs: number): Promise<number | null> {
  const { rows } = await client.query<{ start_ms: bigint | null }>(
    'SELECT min(start_ms) AS start_ms FROM rollups WHERE span = $1 AND start_ms >= $2',
    [span, sinceMs],
  )
  const startMs = rows[0]?.start_ms ?? null
  return startMs === null ? null : Number(startMs)
}

const moveWeek = `INSERT INTO spans_of_rollups (${columns}) SELECT ${columns} FROM rollups
  WHERE span = $1 AND start_ms >= $2 AND start_ms < $3 ORDER BY start_ms, group_id, part`

const weekMs = 7 * rollupSpans.day
