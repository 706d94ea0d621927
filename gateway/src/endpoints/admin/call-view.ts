import { formatNanoUsd } from '@anthology/catalog'

import { readDetails } from '../../ledger/call-details.ts'
import { components, parseRowId } from '../../ledger/call-row.ts'
import type { OwnerNames } from '../../ledger/owner-names.ts'
import { readNullable, readNumber, readText } from '../../store/database.ts'
import type { SqlRow } from '../../store/database.ts'
import { describeArray, describeObject, describeText, describeTime, orNull } from './schema.ts'
import type { Schema } from './schema.ts'

const integer: Schema = orNull({ type: 'integer' })
const text: Schema = orNull({ type: 'string' })

const tokens = describeObject(Object.fromEntries(components.map((name) => [name, integer])), {
  title: 'CallQuantities',
})

const callProperties = {
  id: { type: 'string' },
  attempt: orNull({ type: 'integer', description: 'The number of a billed attempt; null: the call itself.' }),
  started_at: describeTime('When the call began.'),
  protocol: { type: 'string' },
  key_id: { type: 'string' },
  key: text,
  workspace_id: text,
  workspace: text,
  member_id: text,
  member: text,
  session_id: text,
  agent_id: text,
  parent_agent_id: text,
  labels: orNull({ type: 'object', additionalProperties: { type: 'string' } }),
  requested_model: { type: 'string' },
  model: { type: 'string' },
  upstream: { type: 'string' },
  platform: { type: 'string' },
  streamed: { type: 'boolean' },
  attempts: integer,
  outcome: describeText('The result; running: the call has not ended.'),
  status: integer,
  stop_reason: text,
  error_type: text,
  message_id: text,
  upstream_request_id: text,
  first_byte_ms: integer,
  first_token_ms: integer,
  total_ms: integer,
  quantities: tokens,
  usage_source: text,
  cost_usd: orNull(describeText('In US dollars, exact; null: there is no price or no usage.')),
  unpriced_because: text,
}

/** A call in a list. */
export const callSchema = describeObject(callProperties, { title: 'Call' })

const choice = describeObject(
  {
    upstream: { type: 'string' },
    because: describeText('As in an explanation of a request.'),
    model: orNull({ type: 'string', description: 'Null: the model of the call.' }),
  },
  { title: 'RoutedUpstream' },
)

const routing = describeObject(
  {
    ranked: describeArray(choice, 'The upstreams that could be asked, the best first.'),
    excluded: describeArray(choice, 'The upstreams that could not be asked.'),
    attempts: describeArray(
      describeObject(
        {
          upstream: { type: 'string' },
          result: describeText('An outcome, or the kind of a failure or of an error answer.'),
        },
        { title: 'RoutedAttempt' },
      ),
      'The requests to upstreams, in order.',
    ),
    omitted: { type: 'integer', description: 'Entries that were left out because the plan is too long.' },
  },
  { title: 'CallRouting' },
)

const headerValues: Schema = { type: 'object', additionalProperties: { type: 'string' } }

const headers = describeObject(
  {
    request: { ...headerValues, description: "Of the client's request." },
    response: { ...headerValues, description: "Of the last upstream's answer." },
  },
  { title: 'CallHeaders' },
)

/** A call with the lines of its price and the usage that the upstream sent. */
export const callDetailSchema = describeObject(
  {
    ...callProperties,
    rate_card: text,
    usage: orNull({ type: 'object', description: 'As the upstream sent it.' }),
    routing: orNull({
      ...routing,
      description: 'The plan of the call and what became of it. Null: one upstream, asked once.',
    }),
    headers: orNull({
      ...headers,
      description:
        'Some headers of the call, cut. Null: none of them was sent, or the call is of an older version.',
    }),
    error_message: orNull(
      describeText('The message of the error with which the call ended, cut, without credentials.'),
    ),
    lines: describeArray(
      describeObject(
        {
          component: { enum: [...components] },
          quantity: { type: 'integer' },
          unit_pico_usd: integer,
          cost_usd: orNull({ type: 'string' }),
        },
        { title: 'PriceLine' },
      ),
    ),
  },
  { title: 'CallDetail' },
)

/** Prints a row of the ledger for a list: without usage, which is read with one call. */
export function printCall(row: SqlRow, names: OwnerNames): Record<string, unknown> {
  const { callId, attempt } = parseRowId(readText(row, 'id'))
  const [key, workspace, member] = ['key_id', 'workspace_id', 'member_id'].map((name) => row[name])
  const labels = readNullable(row, 'labels', readText)
  return {
    id: callId,
    attempt,
    started_at: new Date(readNumber(row, 'started_at_ms')).toISOString(),
    protocol: row['protocol'],
    key_id: key,
    key: findName(names.key, key),
    workspace_id: workspace ?? null,
    workspace: findName(names.workspace, workspace),
    member_id: member ?? null,
    member: findName(names.member, member),
    ...pickTexts(row, ['session_id', 'agent_id', 'parent_agent_id']),
    labels: labels === null ? null : (JSON.parse(labels) as object), // Written by the gateway.
    ...pickTexts(row, ['requested_model', 'model', 'upstream', 'platform']),
    streamed: row['streamed'] === 1n,
    attempts: readCount(row, 'attempts'),
    outcome: row['outcome'] ?? 'running',
    status: readCount(row, 'status'),
    ...pickTexts(row, ['stop_reason', 'error_type', 'message_id', 'upstream_request_id']),
    first_byte_ms: readCount(row, 'first_byte_ms'),
    first_token_ms: readCount(row, 'first_token_ms'),
    total_ms: readCount(row, 'total_ms'),
    quantities: Object.fromEntries(components.map((name) => [name, readCount(row, `${name}_quantity`)])),
    ...pickTexts(row, ['usage_source', 'unpriced_because']),
    cost_usd: printUsd(row['cost_nano_usd']),
  }
}

/** Prints everything that the ledger has of a row. */
export function printCallDetail(row: SqlRow, names: OwnerNames): Record<string, unknown> {
  const usage = readNullable(row, 'usage', readText)
  const { plan, headers: kept, errorMessage } = readDetails(row['details'])
  return {
    ...printCall(row, names),
    rate_card: row['rate_card'] ?? null,
    usage: usage === null ? null : (JSON.parse(usage) as object), // The upstream's JSON, which was parsed before.
    routing: plan,
    headers: kept,
    error_message: errorMessage,
    lines: components.flatMap((component) => {
      const quantity = readCount(row, `${component}_quantity`)
      if (quantity === null) return []
      const unit = readCount(row, `${component}_pico_usd`)
      return [
        {
          component,
          quantity,
          unit_pico_usd: unit,
          cost_usd: printUsd(row[`${component}_nano_usd`]),
        },
      ]
    }),
  }
}

/** Null for an id without a name, such as that of a built-in key. */
function findName(names: ReadonlyMap<string, string>, id: unknown): string | null {
  return typeof id === 'string' ? (names.get(id) ?? null) : null
}

function pickTexts(row: SqlRow, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, row[name] ?? null]))
}

function readCount(row: SqlRow, name: string): number | null {
  const value = row[name]
  return typeof value === 'bigint' ? Number(value) : null
}

export function printUsd(nano: unknown): string | null {
  return typeof nano === 'bigint' ? formatNanoUsd(nano) : null
}
