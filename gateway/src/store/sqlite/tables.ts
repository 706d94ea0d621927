import { components } from '../../ledger/call-row.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import { adminTables } from '../schema/admin.ts'
import { budgetTables } from '../schema/budgets.ts'
import { clusterTables, toSqliteTables } from '../schema/common.ts'
import { consoleTables } from '../schema/console.ts'
import { keyTables } from '../schema/keys.ts'
import { promptTables } from '../schema/prompts.ts'
import { rejectedCallTables } from '../schema/rejected-calls.ts'
import { resourceTables } from '../schema/resources.ts'
import { correctionTables } from '../schema/corrections.ts'
import { invoiceTables } from '../schema/invoices.ts'
import { reconciliationTables } from '../schema/reconciliations.ts'
import { rollupTables } from '../schema/rollups.ts'
import { routingTables } from '../schema/routing.ts'
import { sessionTables } from '../schema/sessions.ts'

const lineValues = ['quantity', 'pico_usd', 'nano_usd'] as const

const scalarColumns = callColumns.filter((name) => name !== 'lines')

/** The columns of each component, from the JSON of a row's lines. */
const componentColumns = components.flatMap((name) =>
  lineValues.map((value, at) => ({ name: `${name}_${value}`, sql: `lines ->> '$.${name}[${at}]'` })),
)

/** A running call as a row of `all_calls`: unknown columns are null. */
const runningColumns = [...scalarColumns, ...componentColumns.map(({ name }) => name)].map((name) =>
  startColumns.some((start) => start === name) ? `start ->> '$.${name}' AS ${name}` : `NULL AS ${name}`,
)

/**
 * The tables of a data folder. A call is one row. `lines` has the components of its price as JSON (row-codec.ts),
 * because most calls have two of six; the views `all_calls` and `ledger_lines` show them as columns and as rows.
 * `details` is JSON too (call-details.ts). Money
 * columns are integers: `_pico_usd` is the price of one unit in pico-dollars, `_nano_usd` the cost in nano-dollars.
 * `calls` has the ended calls. `open_calls` has those that have run for a while, with their start record as JSON;
 * `all_calls` shows both. `journal_positions` has the end of what is stored of each process' journal.
 * `rejected_calls` counts the calls that were rejected before any upstream was called.
 */
export const tables = `
CREATE TABLE IF NOT EXISTS calls (
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  started_at_ms INTEGER NOT NULL,
  protocol TEXT NOT NULL,
  key_id TEXT NOT NULL,
  requested_model TEXT NOT NULL,
  model TEXT NOT NULL,
  upstream TEXT NOT NULL,
  platform TEXT NOT NULL,
  streamed INTEGER NOT NULL,
  session_id TEXT,
  agent_id TEXT,
  parent_agent_id TEXT,
  workspace_id TEXT,
  member_id TEXT,
  labels TEXT,
  hold_nano_usd INTEGER,
  process_id TEXT,
  outcome TEXT NOT NULL,
  status INTEGER,
  attempts INTEGER,
  stop_reason TEXT,
  error_type TEXT,
  message_id TEXT,
  upstream_request_id TEXT,
  first_byte_ms INTEGER,
  first_token_ms INTEGER,
  total_ms INTEGER,
  usage TEXT,
  usage_source TEXT,
  rate_card TEXT,
  unpriced_because TEXT,
  cost_nano_usd INTEGER,
  lines TEXT,
  details TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS calls_by_start ON calls (started_at_ms, id);

CREATE TABLE IF NOT EXISTS open_calls (
  id TEXT PRIMARY KEY,
  source TEXT NOT NULL,
  start TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS journal_positions (
  source TEXT PRIMARY KEY,
  segment INTEGER NOT NULL,
  position INTEGER NOT NULL
) STRICT;

CREATE VIEW IF NOT EXISTS all_calls AS
SELECT ${[...scalarColumns, ...componentColumns.map(({ name, sql }) => `${sql} AS ${name}`)].join(', ')} FROM calls
UNION ALL
SELECT ${runningColumns.join(', ')} FROM open_calls;

CREATE VIEW IF NOT EXISTS ledger_lines AS
SELECT calls.id AS call_id, line.key AS component, line.value ->> 0 AS quantity, line.value ->> 1 AS unit_pico_usd,
  line.value ->> 2 AS cost_nano_usd
FROM calls, json_each(calls.lines) AS line;

${toSqliteTables(keyTables)}
${clusterTables(toSqliteTables(rejectedCallTables))}
${toSqliteTables(resourceTables)}
${toSqliteTables(consoleTables)}
${toSqliteTables(adminTables)}
${toSqliteTables(budgetTables)}
${toSqliteTables(promptTables)}
${clusterTables(toSqliteTables(rollupTables))}
${toSqliteTables(correctionTables)}
${toSqliteTables(invoiceTables)}
${toSqliteTables(reconciliationTables)}
${toSqliteTables(routingTables)}
${clusterTables(toSqliteTables(sessionTables))}
`

/** Increase it when a change to `tables` requires a migration. */
export const schemaVersion = 17
