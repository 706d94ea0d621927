import { consoleTables } from '../schema/console.ts'
import { components } from '../../ledger/call-row.ts'
import { callColumns, startColumns } from '../../ledger/row-codec.ts'
import { toSqliteTables } from '../schema/common.ts'
import { correctionTables } from '../schema/corrections.ts'
import { invoiceTables } from '../schema/invoices.ts'
import { rollupTables } from '../schema/rollups.ts'

const componentColumns = components
  .map((name) => `${name}_quantity INTEGER, ${name}_pico_usd INTEGER, ${name}_nano_usd INTEGER,`)
  .join('\n  ')

/** A running call as a row of `calls`: unknown columns are null. */
const runningColumns = callColumns.map((name) => {
  const at = startColumns.findIndex((start) => start === name)
  return at < 0 ? `NULL AS ${name}` : `value ->> ${at} AS ${name}`
})

/**
 * The tables of a data folder. A call is one wide row: one row per component would
 * write six times as much for the same facts, and the view `ledger_lines` shows it
 * that way. Money columns are integers: `_pico_usd` is the price of one unit in
 * pico-dollars, `_nano_usd` the cost in nano-dollars. `calls` has the ended calls.
 * `open_calls` has the running ones: one row for all that started in one commit, as
 * JSON (row-codec.ts), deleted when all of them have ended. `all_calls` shows both.
 * `rejected_calls` counts the calls that were rejected before any upstream was called.
 */
export const tables = `
CREATE TABLE IF NOT EXISTS calls (
  id TEXT PRIMARY KEY,
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
  outcome TEXT,
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
  ${componentColumns}
  cost_nano_usd INTEGER
) STRICT;

CREATE INDEX IF NOT EXISTS calls_by_start ON calls (started_at_ms, id);
CREATE INDEX IF NOT EXISTS calls_running ON calls (id) WHERE outcome IS NULL;

CREATE TABLE IF NOT EXISTS open_calls (
  seq INTEGER PRIMARY KEY,
  calls TEXT NOT NULL
) STRICT;

CREATE VIEW IF NOT EXISTS all_calls AS
SELECT ${callColumns.join(', ')} FROM calls
UNION ALL
SELECT ${runningColumns.join(', ')} FROM open_calls, json_each(open_calls.calls)
WHERE NOT EXISTS (SELECT 1 FROM calls AS ended WHERE ended.id = value ->> 0);

CREATE VIEW IF NOT EXISTS ledger_lines AS
${components
  .map(
    (name) => `SELECT id AS call_id, '${name}' AS component, ${name}_quantity AS quantity,
  ${name}_pico_usd AS unit_pico_usd, ${name}_nano_usd AS cost_nano_usd
FROM calls WHERE ${name}_quantity IS NOT NULL`,
  )
  .join('\nUNION ALL\n')};

CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL UNIQUE,
  models TEXT,
  workspace_id TEXT NOT NULL DEFAULT 'default',
  member_id TEXT,
  created_at_ms INTEGER NOT NULL,
  revoked_at_ms INTEGER
) STRICT;

CREATE TABLE IF NOT EXISTS rejected_calls (
  day TEXT NOT NULL,
  key_id TEXT NOT NULL,
  code TEXT NOT NULL,
  calls INTEGER NOT NULL,
  PRIMARY KEY (day, key_id, code)
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS aws_credentials (
  access_key_id TEXT PRIMARY KEY,
  key_id TEXT NOT NULL REFERENCES keys (id),
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS resources (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  key_id TEXT NOT NULL,
  workspace_id TEXT,
  member_id TEXT,
  labels TEXT,
  upstream TEXT NOT NULL,
  created_at_ms INTEGER NOT NULL,
  settled_at_ms INTEGER,
  models TEXT NOT NULL,
  betas TEXT NOT NULL
) STRICT;

CREATE INDEX IF NOT EXISTS resources_by_key ON resources (key_id, kind, seq);
CREATE INDEX IF NOT EXISTS resources_unsettled ON resources (seq) WHERE kind = 'batch' AND settled_at_ms IS NULL;

${toSqliteTables(consoleTables)}
${clusterTables(toSqliteTables(rollupTables))}
${toSqliteTables(correctionTables)}
${toSqliteTables(invoiceTables)}
`

/** A table that is read by ranges of its primary key is stored in the order of that key. */
function clusterTables(sqliteTables: string): string {
  return sqliteTables.replaceAll(/^\) STRICT;$/gm, ') STRICT, WITHOUT ROWID;')
}

/** Increase it when a change to `tables` requires a migration. */
export const schemaVersion = 9
