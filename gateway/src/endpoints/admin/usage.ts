import { roles } from '../../auth/roles.ts'
import type { Caller } from '../../auth/caller.ts'
import { ApiError } from '../../errors.ts'
import { isTimeZone } from '../../ledger/calendar.ts'
import { components } from '../../ledger/call-row.ts'
import type { Component } from '../../ledger/call-row.ts'
import { groupings } from '../../ledger/usage-report.ts'
import type { Grouping, UsageRow } from '../../ledger/usage-report.ts'
import type { UsageFilter } from '../../ledger/usage-filter.ts'
import { readTime } from './call-query.ts'
import { printUsd } from './call-view.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeOptions, describeText, orNull } from './schema.ts'
import type { Schema } from './schema.ts'

const parameters: Readonly<Record<string, Schema>> = {
  since: describeText('Calls that began at this time or later (RFC 3339). Default: 30 days ago.'),
  until: describeText('Calls that began before this time (RFC 3339). Default: now.'),
  timezone: describeText('The zone of days and months, such as Europe/Berlin. Default: UTC.', {
    maxLength: 64,
  }),
  model: describeText('The model that served the calls, by its id.'),
  key: describeText('The id of the key.'),
  workspace: describeText('The id of the workspace.'),
  member: describeText('The id of the member.'),
  upstream: describeText('The name of the upstream.'),
  platform: describeText('The platform of the upstream.'),
  protocol: describeText('messages, openai, bedrock or vertex.'),
  outcome: describeText('The result of the calls.'),
}

const by = {
  ...describeArray(
    { type: 'string', pattern: `^(?:${groupings.join('|')}|label:.{1,100})$` },
    `At most two of ${groupings.join(', ')}, label:NAME.`,
  ),
  maxItems: 2,
  default: [],
}

const count: Schema = { type: 'integer' }
const counts: Schema = { type: 'object', additionalProperties: count }
const money = describeText('In US dollars, exact.')

const sums = {
  calls: count,
  attempts: count,
  outcomes: counts,
  quantities: counts,
  costs_usd: { type: 'object', additionalProperties: money },
  cost_usd: money,
  unpriced_calls: count,
  estimated_calls: count,
}

const answer = describeObject({
  data: describeArray(
    describeObject({
      group: describeArray(orNull({ type: 'string' }), 'The value of each grouping, in the order of `by`.'),
      names: describeArray(orNull({ type: 'string' }), 'The names of ids.'),
      ...sums,
    }),
  ),
  total: describeObject(sums, { title: 'UsageSums' }),
})

interface UsageParameters extends UsageFilter {
  readonly by: readonly Grouping[]
  readonly since?: string
  readonly until?: string
  readonly timezone?: string
}

const defaultPeriodMs = 30 * 86_400_000

async function serveUsage({ context, caller, read, query }: AdminRequest): Promise<object> {
  const given = query as UsageParameters // Validated by the schema.
  const { by: wanted, timezone: timeZone = 'UTC' } = given
  if (!isTimeZone(timeZone))
    throw new ApiError('bad_request', `timezone: ${timeZone} is not known`, undefined, {
      details: { member: 'timezone' },
    })
  const period = readPeriod(given, context.nowMs())
  const parts: UsageRow[] = []
  for (const filter of limitFilter(given, caller))
    parts.push(...(await read('readUsage', { by: wanted, period, timeZone, filter })))
  const rows = mergeRows(parts)
  return {
    data: rows.map((row) => ({ group: row.group, names: row.names, ...printSums(row) })),
    total: printSums(rows.reduce(addRows, emptyRow)),
  }
}

function readPeriod({ since, until }: UsageParameters, nowMs: number) {
  const untilMs = readTime('until', until) ?? nowMs + 1
  return { sinceMs: readTime('since', since) ?? untilMs - defaultPeriodMs, untilMs }
}

/** The filter, limited to what the caller may see: a member the own calls, others those of some workspaces. */
function limitFilter(given: UsageParameters, caller: Caller): readonly UsageFilter[] {
  const { by: _by, since: _since, until: _until, timezone: _zone, ...filter } = given
  const own = caller.role === 'member' ? { ...filter, member: caller.memberId ?? '' } : filter
  if (caller.workspaces === null) return [own]
  return [...caller.workspaces]
    .filter((id) => own.workspace === undefined || own.workspace === id)
    .map((workspace) => ({ ...own, workspace }))
}

/** Adds rows of one group that come from several workspaces; the order of the first ones stays. */
function mergeRows(rows: readonly UsageRow[]): readonly UsageRow[] {
  const merged = new Map<string, UsageRow>()
  for (const row of rows) {
    const place = JSON.stringify(row.group)
    const known = merged.get(place)
    merged.set(place, known === undefined ? row : addRows(known, row))
  }
  return [...merged.values()]
}

function addRows(one: UsageRow, other: UsageRow): UsageRow {
  return {
    ...one,
    calls: one.calls + other.calls,
    attempts: one.attempts + other.attempts,
    outcomes: addCounts(one.outcomes, other.outcomes),
    quantities: addCounts(one.quantities, other.quantities),
    costs: addCounts(one.costs, other.costs),
    costNanoUsd: one.costNanoUsd + other.costNanoUsd,
    unpricedCalls: one.unpricedCalls + other.unpricedCalls,
    estimatedCalls: one.estimatedCalls + other.estimatedCalls,
  }
}

function addCounts<Name extends string>(
  one: Readonly<Record<Name, bigint>>,
  other: Readonly<Record<Name, bigint>>,
): Record<Name, bigint> {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])] as Name[] // Of both records.
  const added = names.map((name) => [name, (one[name] ?? 0n) + (other[name] ?? 0n)])
  return Object.fromEntries(added) as Record<Name, bigint>
}

const zeros = Object.fromEntries(components.map((name) => [name, 0n])) as Record<Component, bigint>

const emptyRow: UsageRow = {
  group: [],
  names: [],
  calls: 0n,
  attempts: 0n,
  outcomes: {},
  quantities: zeros,
  costs: zeros,
  costNanoUsd: 0n,
  unpricedCalls: 0n,
  estimatedCalls: 0n,
  rejectedCalls: {},
}

function printSums(row: UsageRow): object {
  const numbers = (record: Readonly<Record<string, bigint>>) =>
    Object.fromEntries(Object.entries(record).map(([name, value]) => [name, Number(value)]))
  return {
    calls: Number(row.calls),
    attempts: Number(row.attempts),
    outcomes: numbers(row.outcomes),
    quantities: numbers(row.quantities),
    costs_usd: Object.fromEntries(
      Object.entries(row.costs).map(([name, nano]) => [name, printUsd(nano) ?? '0']),
    ),
    cost_usd: printUsd(row.costNanoUsd),
    unpriced_calls: Number(row.unpricedCalls),
    estimated_calls: Number(row.estimatedCalls),
  }
}

/** Adds up the rows of the ledger themselves, to compare with the sums of `serveUsage`. */
async function checkUsage({ context, caller, read, query }: AdminRequest): Promise<object> {
  const given = query as UsageParameters // Validated by the schema.
  const period = readPeriod(given, context.nowMs())
  let sum = { rows: 0, costNanoUsd: 0n, isComplete: true }
  for (const filter of limitFilter({ ...given, by: [] }, caller)) {
    const part = await read('sumLedger', period, filter)
    sum = {
      rows: sum.rows + part.rows,
      costNanoUsd: sum.costNanoUsd + part.costNanoUsd,
      isComplete: sum.isComplete && part.isComplete,
    }
  }
  return { rows: sum.rows, cost_usd: printUsd(sum.costNanoUsd), complete: sum.isComplete }
}

const { timezone: _timezone, ...checkParameters } = parameters

export const usageRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/usage',
    roles,
    operation: 'readUsage',
    summary: 'Sums calls, tokens and cost by up to two groupings, exact to the nano-dollar',
    query: describeOptions({ by, ...parameters }),
    answer,
    example: { query: 'by=model&by=day' },
    serve: serveUsage,
  },
  {
    method: 'GET',
    path: '/admin/v1/usage/check',
    roles,
    operation: 'checkUsage',
    summary: 'Adds up the single rows of the ledger, to compare with the usage',
    query: describeOptions(checkParameters),
    answer: describeObject({
      rows: count,
      cost_usd: money,
      complete: {
        type: 'boolean',
        description: 'False: the period has too many rows, and the sum is of a part.',
      },
    }),
    example: {},
    serve: checkUsage,
  },
]
