import { callColumns } from '../../ledger/row-codec.ts'
import { toPostgresTables } from '../schema/common.ts'
import { keyTables } from '../schema/keys.ts'
import { rejectedCallTables } from '../schema/rejected-calls.ts'
import { resourceTables } from '../schema/resources.ts'

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
  'unpriced_because',
])

/** The type of a column of `calls`. */
export function getCallColumnType(name: string): 'TEXT' | 'BIGINT' {
  return textColumns.has(name) ? 'TEXT' : 'BIGINT'
}

const requiredColumns: ReadonlySet<string> = new Set(['id', 'started_at_ms', 'key_id'])

/**
 * The ledger: one row per call or billed attempt, in one partition per day (UTC). The unique key contains the time,
 * because PostgreSQL requires the partition's column in it; a row's time never changes, so it is unique by id.
 */
const callTables = `
CREATE TABLE IF NOT EXISTS calls (
  ${callColumns.map((name) => `${name} ${getCallColumnType(name)}${requiredColumns.has(name) ? ' NOT NULL' : ''}`).join(',\n  ')},
  PRIMARY KEY (id, started_at_ms)
) PARTITION BY RANGE (started_at_ms);

CREATE INDEX IF NOT EXISTS calls_by_start ON calls (started_at_ms);
`

export const firstTables = toPostgresTables(
  [callTables, keyTables, rejectedCallTables, resourceTables].join('\n'),
)
