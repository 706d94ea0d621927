import type { Caller } from '../../auth/caller.ts'
import { ApiError } from '../../errors.ts'
import type { CallSearch } from '../../ledger/call-search.ts'
import { filterValues } from '../../ledger/filter-values.ts'
import { describeText } from './schema.ts'
import type { Schema } from './schema.ts'

/** The parameters that choose calls, for lists, streams and exports. */
export const callParameters: Readonly<Record<string, Schema>> = {
  since: describeText('Calls that began at this time or later (RFC 3339).', { maxLength: 40 }),
  until: describeText('Calls that began before this time (RFC 3339).', { maxLength: 40 }),
  model: describeText('The model that served the call, by its id.'),
  requested_model: describeText('The name that the client sent.'),
  key: describeText('The id of the key.'),
  workspace: describeText('The id of the workspace.'),
  member: describeText('The id of the member.'),
  protocol: { enum: filterValues.protocol, description: 'The API that the client used.' },
  upstream: describeText('The name of the upstream.'),
  platform: { enum: filterValues.platform, description: 'The platform of the upstream.' },
  outcome: {
    enum: [...filterValues.outcome, 'failed'],
    description: 'The result, or failed for every result but answered.',
  },
  status: { type: 'integer', description: 'The HTTP status that the client received.' },
  stop_reason: describeText('The reason with which the answer ended.'),
  error_type: describeText('The type of the error that the client received.'),
  session: describeText('The session of the client, such as one of Claude Code.'),
  agent: describeText('The agent inside the session.'),
  label: describeText('A label of the call, as NAME=VALUE.', { maxLength: 200 }),
  id: describeText("The id of a call, of its message or of the upstream's request."),
  min_cost_usd: describeText('Calls that cost at least this.', { pattern: usdPattern() }),
  max_cost_usd: describeText('Calls that cost at most this.', { pattern: usdPattern() }),
  min_tokens: {
    type: 'integer',
    minimum: 0,
    description: 'Calls with at least this many tokens of all kinds.',
  },
  max_tokens: {
    type: 'integer',
    minimum: 0,
    description: 'Calls with at most this many tokens of all kinds.',
  },
  cache: { enum: ['hit', 'miss'], description: 'Whether tokens were read from the prompt cache.' },
}

function usdPattern(): string {
  return String.raw`^\d{1,9}(\.\d{1,9})?$`
}

/** The query after validation. */
export interface CallQuery {
  readonly since?: string
  readonly until?: string
  readonly model?: string
  readonly requested_model?: string
  readonly key?: string
  readonly workspace?: string
  readonly member?: string
  readonly protocol?: string
  readonly upstream?: string
  readonly platform?: string
  readonly outcome?: string
  readonly status?: number
  readonly stop_reason?: string
  readonly error_type?: string
  readonly session?: string
  readonly agent?: string
  readonly label?: string
  readonly id?: string
  readonly min_cost_usd?: string
  readonly max_cost_usd?: string
  readonly min_tokens?: number
  readonly max_tokens?: number
  readonly cache?: 'hit' | 'miss'
}

/** The search of a query, limited to what the caller may see: a member sees the own calls. */
export function readCallSearch(query: CallQuery, caller: Caller): CallSearch {
  return {
    sinceMs: readTime('since', query.since),
    untilMs: readTime('until', query.until),
    model: query.model,
    requestedModel: query.requested_model,
    key: query.key,
    workspace: query.workspace,
    member: caller.role === 'member' ? (caller.memberId ?? '') : query.member,
    protocol: query.protocol,
    upstream: query.upstream,
    platform: query.platform,
    outcome: query.outcome,
    status: query.status,
    stopReason: query.stop_reason,
    errorType: query.error_type,
    session: query.session,
    agent: query.agent,
    label: readLabel(query.label),
    id: query.id,
    minCostNanoUsd: readUsd(query.min_cost_usd),
    maxCostNanoUsd: readUsd(query.max_cost_usd),
    minTokens: query.min_tokens,
    maxTokens: query.max_tokens,
    cache: query.cache,
    visibleWorkspaces: caller.workspaces === null ? null : [...caller.workspaces],
  }
}

/** Milliseconds since 1970. Throws an ApiError for a text that is no time. */
export function readTime(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const ms = Date.parse(text)
  if (!Number.isNaN(ms)) return ms
  throw new ApiError('bad_request', `${name}: must be a time such as 2026-11-22T14:00:00Z`, undefined, {
    details: { member: name },
  })
}

/** Throws an ApiError for a text without a name and a value. */
function readLabel(text: string | undefined): CallSearch['label'] {
  if (text === undefined) return undefined
  const [, name, value] = /^([^=]+)=(.+)$/.exec(text) ?? []
  if (name !== undefined && value !== undefined) return { name, value }
  throw new ApiError('bad_request', 'label: write it as NAME=VALUE, such as project=apollo', undefined, {
    details: { member: 'label' },
  })
}

/** The text satisfies the schema's pattern. */
function readUsd(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined
  const [whole = '0', decimals = ''] = text.split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0'))
}
