import { ApiError } from '../../errors.ts'
import type { Caller } from '../../auth/caller.ts'
import { findStart, isTimeZone } from '../../ledger/calendar.ts'
import { listCalls, readCall } from '../../ledger/call-list.ts'
import type { CallFilter } from '../../ledger/call-list.ts'
import { readOwnerNames } from '../../ledger/owner-names.ts'
import { matchesFilter, parseLabels } from '../../ledger/usage-filter.ts'
import type { Period } from '../../ledger/usage-filter.ts'
import { describeStoredCall, describeUsageRow, describeUsageTotal } from '../../ledger/usage-json.ts'
import { groupings, readUsage } from '../../ledger/usage-report.ts'
import type { Grouping } from '../../ledger/usage-report.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  pageParameters,
} from './schema.ts'
import type { Schema } from './schema.ts'

const filterParameters: Readonly<Record<string, Schema>> = {
  since: describeText('The first day, such as 2026-11-01, or an instant in RFC 3339.'),
  until: describeText('The last day, which is included, or an instant in RFC 3339, which is not.'),
  tz: describeText('The time zone of days, hours and months. Default: UTC.'),
  key: describeText('The id of a key.'),
  workspace: describeText('The id of a workspace.'),
  member: describeText('The id of a member.'),
  model: describeText('The id of a model.'),
  upstream: describeText('The name of an upstream.'),
  platform: describeText('anthropic, bedrock, vertex or foundry.'),
  protocol: describeText('The protocol of the client, such as messages.'),
  outcome: describeText('The outcome of calls, such as answered.'),
  label: describeText('A label as NAME=VALUE.'),
}

const readers = ['billing', 'viewer', 'member'] as const

const anyMembers: Schema = { type: 'object', additionalProperties: true }

const call: Schema = {
  ...anyMembers,
  title: 'Call',
  description: 'A call, or a billed attempt from which its call moved on: then `attempt` is its number.',
}

export const usageRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/usage',
    roles: readers,
    operation: 'readUsage',
    summary: 'Sums calls, tokens and cost by one or two groupings',
    query: describeOptions({
      by: describeText(
        `One or two of ${groupings.join(', ')}, label:NAME, separated by a comma. Default: model.`,
      ),
      ...filterParameters,
    }),
    answer: describeObject(
      {
        by: describeArray({ type: 'string' }),
        time_zone: { type: 'string' },
        total: anyMembers,
        data: describeArray(anyMembers, 'One row for each group.'),
      },
      { title: 'Usage' },
    ),
    example: { query: 'by=day,model&since=2026-11-01' },
    serve: serveUsage,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls',
    roles: readers,
    operation: 'listCalls',
    summary: 'Lists calls, latest first',
    query: describeOptions({
      ...filterParameters,
      session: describeText('The id of a session.'),
      ...pageParameters,
      after: describeText('The `next` of the page before.', { maxLength: 1_300 }),
    }),
    answer: describePage(call),
    example: { query: 'limit=10' },
    serve: serveCalls,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls/{id}',
    roles: readers,
    operation: 'getCall',
    summary: 'Shows a call, with its billed attempts',
    answer: describeObject({ data: describeArray(call, 'The call first; empty if no call has this id.') }),
    example: { parameters: { id: 'req_unknown' } },
    serve: serveCall,
  },
]

type UsageParameters = Readonly<Record<string, string | undefined>>

async function serveUsage({ context, caller, query }: AdminRequest): Promise<object> {
  const parameters = query as UsageParameters // The type of the route's query.
  const by = readGroupings(parameters['by'] ?? 'model')
  const timeZone = readTimeZone(parameters)
  const period = readPeriod(parameters, timeZone)
  const filter = readFilter(parameters, caller)
  const rows = await readUsage(context.database, { by, period, timeZone, filter })
  return {
    by,
    time_zone: timeZone,
    total: describeUsageTotal(rows),
    data: rows.map((row) => describeUsageRow(by, row)),
  }
}

async function serveCalls({ context, caller, query }: AdminRequest): Promise<object> {
  const { limit, ...parameters } = query as UsageParameters & { readonly limit: number } // As above.
  const period = readPeriod(parameters, readTimeZone(parameters))
  const { session, after = null } = parameters
  const filter = { ...readFilter(parameters, caller), period, ...(session === undefined ? {} : { session }) }
  const names = await readOwnerNames(context.database)
  try {
    const { calls, next } = await listCalls(context.database, filter, { limit, after })
    return { data: calls.map((one) => describeStoredCall(one, names)), next }
  } catch (error) {
    if (error instanceof RangeError)
      throw createMemberError('after', 'must be the `next` of a page of this list')
    throw error
  }
}

async function serveCall({ context, caller, parameters }: AdminRequest): Promise<object> {
  const rows = await readCall(context.database, parameters['id'] ?? '')
  const names = await readOwnerNames(context.database)
  const filter = readFilter({}, caller)
  const visible = rows.filter((row) => matchesFilter(filter, (column) => row[column]))
  return { data: visible.map((one) => describeStoredCall(one, names)) }
}

function readGroupings(text: string): readonly Grouping[] {
  const names = text.split(',')
  const isKnown = (name: string) => groupings.some((known) => known === name) || /^label:./.test(name)
  if (names.length <= 2 && new Set(names).size === names.length && names.every(isKnown))
    return names as Grouping[] // As tested.
  throw createMemberError('by', `must be one or two of ${groupings.join(', ')}, label:NAME`)
}

function readTimeZone({ tz = 'UTC' }: UsageParameters): string {
  if (isTimeZone(tz)) return tz
  throw createMemberError('tz', 'must be an IANA time zone such as Europe/Berlin')
}

function readPeriod({ since, until }: UsageParameters, timeZone: string): Period {
  const sinceMs = since === undefined ? 0 : readTime('since', since, timeZone)
  const untilMs = until === undefined ? maxMs : readTime('until', until, timeZone)
  if (sinceMs < untilMs) return { sinceMs, untilMs }
  throw createMemberError('until', 'must be later than since')
}

const maxMs = 8_640_000_000_000_000

/** A day is included as the last one, so the period ends with the next day. */
function readTime(name: 'since' | 'until', text: string, timeZone: string): number {
  const timeMs = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
  if (Number.isNaN(timeMs) || !/^\d{4}-\d\d-\d\d/.test(text))
    throw createMemberError(name, 'must be a day such as 2026-11-01, or a time in RFC 3339')
  if (text.length > 10) return timeMs
  const dayMs = name === 'since' ? timeMs : timeMs + 86_400_000
  return findStart(new Date(dayMs).toISOString().slice(0, 10), timeZone)
}

/** A member reads only what is their own, and other callers the workspaces that they may see. */
function readFilter(parameters: UsageParameters, caller: Caller): CallFilter {
  const names = [
    'key',
    'workspace',
    'member',
    'model',
    'upstream',
    'platform',
    'protocol',
    'outcome',
  ] as const
  const given = names.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]]))
  const own = caller.role === 'member' ? { member: caller.memberId ?? '' } : {}
  const visible = caller.workspaces === null ? {} : { anyWorkspace: caller.workspaces }
  const { label } = parameters
  return {
    ...Object.fromEntries(given),
    ...own,
    ...visible,
    ...(label === undefined ? {} : { labels: readLabel(label) }),
  }
}

function readLabel(text: string): Readonly<Record<string, string>> {
  const at = text.indexOf('=')
  if (at < 1) throw createMemberError('label', 'must be NAME=VALUE')
  return parseLabels(JSON.stringify({ [text.slice(0, at)]: text.slice(at + 1) }))
}

function createMemberError(member: string, message: string): ApiError {
  return new ApiError('bad_request', `${member}: ${message}`, undefined, { details: { member } })
}
