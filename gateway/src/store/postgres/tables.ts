import { components } from '../../ledger/call-row.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import { toPostgresTables } from '../schema/common.ts'
import { changeTriggers } from './changes.ts'
import { adminTables } from '../schema/admin.ts'
import { budgetTables } from '../schema/budgets.ts'
import { consoleTables } from '../schema/console.ts'
import { keyTables } from '../schema/keys.ts'
import { leaseTables } from '../schema/leases.ts'
import { promptTables } from '../schema/prompts.ts'
import { rejectedCallTables } from '../schema/rejected-calls.ts'
import { resourceTables } from '../schema/resources.ts'
import { correctionTables } from '../schema/corrections.ts'
import { invoiceTables } from '../schema/invoices.ts'
import { reconciliationTables } from '../schema/reconciliations.ts'
import { rollupTables } from '../schema/rollups.ts'
import { routingTables } from '../schema/routing.ts'
import { sessionTables } from '../schema/sessions.ts'

/** The columns of `calls` that hold text; all others hold 64-bit integers. */
const textColumns: ReadonlySet<string> = new Set([
  'id',
  'protocol',
  'key_id',
  'requested_model',
  'model',
  'upstream',
  'platform',
  'session_id',
  'agent_id',
  'parent_agent_id',
  'workspace_id',
  'member_id',
  'labels',
  'outcome',
  'stop_reason',
  'error_type',
  'message_id',
  'upstream_request_id',
  'usage',
  'usage_source',
  'rate_card',
  'process_id',
  'unpriced_because',
  'lines',
  'details',
])

/** The type of a column of `calls`. */
export function getCallColumnType(name: string): 'TEXT' | 'BIGINT' {
  return textColumns.has(name) ? 'TEXT' : 'BIGINT'
}

/** A larger value, from an upstream's absurd usage, must not make the whole view unreadable. */
function readInteger(text: string): string {
  return `CASE WHEN (${text}) IS NOT NULL THEN CAST(least(CAST(${text} AS NUMERIC), 9223372036854775807) AS BIGINT) END`
}

const scalarColumns = callColumns.filter((name) => name !== 'lines')

/** The columns of each component, from the JSON of a row's lines. */
const componentColumns = components.flatMap((name) =>
  ['quantity', 'pico_usd', 'nano_usd'].map((value, at) => ({
    name: `${name}_${value}`,
    sql: readInteger(`lines::jsonb -> '${name}' ->> ${at}`),
  })),
)

const endedColumns = [...scalarColumns, ...componentColumns.map(({ name, sql }) => `${sql} AS ${name}`)]

/** A running call as a row of `all_calls`: unknown columns are null. */
const runningColumns = [...scalarColumns, ...componentColumns.map(({ name }) => name)].map((name) => {
  const type = getCallColumnType(name)
  const isKnown = startColumns.some((start) => start === name)
  const cast = isKnown ? `CAST(start ->> '${name}' AS ${type})` : `CAST(NULL AS ${type})`
  return `${cast}${type === 'TEXT' ? ' COLLATE "C"' : ''} AS ${name}`
})

const requiredColumns: ReadonlySet<string> = new Set(['id', 'started_at_ms', 'key_id'])

/**
 * The ledger: one row per call or billed attempt, in one partition per day (UTC). The unique key contains the time,
 * because PostgreSQL requires the partition's column in it; a row's time never changes, so it is unique by id.
 * `open_calls` has the calls that have run for a while, with their start record as JSON; `all_calls` shows
 * both.
 * `journal_positions` has the place up to which each journal is stored.
 */
const callTables = `
CREATE TABLE IF NOT EXISTS calls (
  ${callColumns.map((name) => `${name} ${getCallColumnType(name)}${requiredColumns.has(name) ? ' NOT NULL' : ''}`).join(',\n  ')},
  PRIMARY KEY (id, started_at_ms)
) PARTITION BY RANGE (started_at_ms);

CREATE INDEX IF NOT EXISTS calls_by_start ON calls (started_at_ms, id);

CREATE TABLE IF NOT EXISTS open_calls (
  replica TEXT NOT NULL,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  start TEXT NOT NULL,
  PRIMARY KEY (replica, id)
);

CREATE TABLE IF NOT EXISTS journal_positions (
  replica TEXT NOT NULL,
  source TEXT NOT NULL,
  segment BIGINT NOT NULL,
  position BIGINT NOT NULL,
  stored_at_ms BIGINT NOT NULL,
  PRIMARY KEY (replica, source)
);
`

const allCalls = `
CREATE VIEW all_calls AS
SELECT ${endedColumns.join(', ')} FROM calls
UNION ALL
SELECT ${runningColumns.join(', ')} FROM (SELECT id, start::jsonb AS start FROM open_calls) AS running
WHERE NOT EXISTS (SELECT 1 FROM calls AS ended WHERE ended.id = running.id);
`

const ledgerLines = `
CREATE OR REPLACE VIEW ledger_lines AS
SELECT calls.id AS call_id, line.key COLLATE "C" AS component, ${readInteger('line.value ->> 0')} AS quantity,
  ${readInteger('line.value ->> 1')} AS unit_pico_usd, ${readInteger('line.value ->> 2')} AS cost_nano_usd
FROM calls, jsonb_each(calls.lines::jsonb) AS line;
`

export const firstTables =
  toPostgresTables(
    [
      callTables,
      adminTables,
      budgetTables,
      consoleTables,
      keyTables,
      leaseTables,
      promptTables,
      rejectedCallTables,
      resourceTables,
      rollupTables,
      correctionTables,
      invoiceTables,
      reconciliationTables,
      routingTables,
      sessionTables,
    ].join('\n'),
  ) +
  allCalls +
  ledgerLines +
  changeTriggers

/** Adds the column `details` to a database that was created without it. */
export const detailsColumn = `
ALTER TABLE calls ADD COLUMN IF NOT EXISTS details TEXT COLLATE "C";
DROP VIEW all_calls;
${allCalls}`
