import type { DatabaseSync } from 'node:sqlite'

import { createRowCounter } from '../upgrade.ts'
import type { OnUpgrade } from '../upgrade.ts'

/**
 * Version 9: the 18 columns of the components become the JSON column `lines`, and a running call is a row of
 * `open_calls` instead of a member of a list. What these statements do never changes.
 */
export function makeCallsLean(database: DatabaseSync, onUpgrade: OnUpgrade): void {
  const tables = new Set(
    database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table'")
      .all()
      .map(({ name }) => String(name)),
  )
  if (!tables.has('calls')) return
  const totalRows = Number(database.prepare('SELECT count(*) AS calls FROM calls').get()?.['calls'])
  const count = createRowCounter(onUpgrade, { table: 'calls', totalRows })
  database.function('count_row', () => {
    count(1)
    return 1
  })
  database.exec(`
    DROP VIEW IF EXISTS all_calls;
    DROP VIEW IF EXISTS ledger_lines;
    DROP INDEX IF EXISTS calls_by_start;
    DROP INDEX IF EXISTS calls_running;
    ALTER TABLE calls RENAME TO wide_calls;
    ${leanTables('lean_open_calls')}
    INSERT INTO calls (${scalars}, lines)
    SELECT ${scalars}, ${lines} FROM wide_calls WHERE outcome IS NOT NULL AND count_row() ORDER BY started_at_ms, rowid;
    INSERT OR REPLACE INTO lean_open_calls (id, source, start)
    SELECT id, '', json_object(${starts.map((name) => `'${name}', ${name}`).join(', ')})
    FROM wide_calls WHERE outcome IS NULL;
    DROP TABLE wide_calls;
  `)
  if (tables.has('open_calls'))
    // The last start of a call counts.
    database.exec(`
      INSERT OR REPLACE INTO lean_open_calls (id, source, start)
      SELECT value ->> 0, '', json_object(${starts.map((name, at) => `'${name}', value ->> ${at}`).join(', ')})
      FROM open_calls, json_each(open_calls.calls)
      WHERE value ->> 0 NOT IN (SELECT id FROM calls) ORDER BY seq;
      DROP TABLE open_calls;
    `)
  database.exec('ALTER TABLE lean_open_calls RENAME TO open_calls')
}

const starts = [
  'id',
  'started_at_ms',
  'protocol',
  'key_id',
  'requested_model',
  'model',
  'upstream',
  'platform',
  'streamed',
  'session_id',
  'agent_id',
  'parent_agent_id',
  'workspace_id',
  'member_id',
  'labels',
]

const scalars = [
  ...starts,
  'outcome',
  'status',
  'attempts',
  'stop_reason',
  'error_type',
  'message_id',
  'upstream_request_id',
  'first_byte_ms',
  'first_token_ms',
  'total_ms',
  'usage',
  'usage_source',
  'rate_card',
  'unpriced_because',
  'cost_nano_usd',
].join(', ')

const components = ['input', 'cache_write_5m', 'cache_write_1h', 'cache_read', 'output', 'web_search']

/** A patch leaves out the components that are null. */
const lines = `nullif(json_patch('{}', json_object(${components
  .map(
    (name) =>
      `'${name}', CASE WHEN ${name}_quantity IS NOT NULL THEN json_array(${name}_quantity, ${name}_pico_usd, ${name}_nano_usd) END`,
  )
  .join(', ')})), '{}')`

function leanTables(openCalls: string): string {
  return `
    CREATE TABLE calls (
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
      lines TEXT
    ) STRICT;
    CREATE TABLE ${openCalls} (id TEXT PRIMARY KEY, source TEXT NOT NULL, start TEXT NOT NULL) STRICT;
  `
}
