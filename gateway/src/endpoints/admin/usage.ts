import { roles } from '../../auth/roles.ts'
import type { Caller } from '../../auth/caller.ts'
import { ApiError } from '../../errors.ts'
import { isTimeZone } from '../../ledger/calendar.ts'
import { groupings } from '../../ledger/usage-row.ts'
import type { Grouping } from '../../ledger/usage-row.ts'
import { filterValues } from '../../ledger/filter-values.ts'
import { filterNames } from '../../ledger/usage-filter.ts'
import type { UsageFilter } from '../../ledger/usage-filter.ts'
import { readTime } from './call-query.ts'
import { printUsd } from './call-view.ts'
import { decodePlace, encodePlace } from './page.ts'
import { findStartOfKeptCalls } from './retention.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describeText,
  describeTime,
  orNull,
} from './schema.ts'
import type { Schema } from './schema.ts'
import { sendAdminText } from './send-json.ts'

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
  platform: { enum: filterValues.platform, description: 'The platform of the upstream.' },
  protocol: { enum: filterValues.protocol, description: 'The API that the client used.' },
  outcome: { enum: filterValues.outcome, description: 'The result of the calls.' },
}

const by = {
  ...describeArray(
    { type: 'string', pattern: `^(?:${groupings.join('|')}|label:.{1,100})$` },
    `At most two of ${groupings.join(', ')}, label:NAME.`,
  ),
  maxItems: 2,
  default: [],
}

const topValues: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: 1_000,
  description:
    'The values of each grouping, except times, that get rows of their own: the most expensive ones. All others are added up in one. Default: every value.',
}

const pageLimit: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: 5_000,
  default: 1_000,
  description:
    'Rows of a page. A report by a unit of time is divided between two of its units, so a page has the rows of at least one.',
}

const afterPage = describeText('The `next` of the page before.', { maxLength: 500 })

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
      others: describeArray(
        count,
        'The number of values beyond `top` that the row adds up, for each grouping; 0: it is one value.',
      ),
      ...sums,
    }),
  ),
  total: describeObject(sums, { title: 'UsageSums' }),
  next: orNull(describeText('The value of `after` for the next page; null: this is the last one.')),
})

interface UsageParameters extends UsageFilter {
  readonly by: readonly Grouping[]
  readonly top?: number
  readonly limit: number
  readonly after?: string
  readonly since?: string
  readonly until?: string
  readonly timezone?: string
}

const defaultPeriodMs = 30 * 86_400_000

async function serveUsage({ context, exchange, caller, read, query }: AdminRequest): Promise<'sent'> {
  const given = query as UsageParameters // Validated by the schema.
  const { by: wanted, top = null, timezone: timeZone = 'UTC', limit, after } = given
  if (!isTimeZone(timeZone))
    throw new ApiError('bad_request', `timezone: ${timeZone} is not known`, undefined, {
      details: { member: 'timezone' },
    })
  const period = readPeriod(given, context.nowMs())
  const place = decodePlace(after, ['number'])
  const { data, total, next } = await read('printUsagePage', {
    by: wanted,
    period,
    timeZone,
    filter: limitFilter(given, caller),
    top,
    limit,
    after: place === null ? null : Number(place[0]),
  })
  const nextPlace = JSON.stringify(next === null ? null : encodePlace([next]))
  sendAdminText(exchange, `{"data":${data},"total":${total},"next":${nextPlace}}`)
  return 'sent'
}

function readPeriod({ since, until }: UsageParameters, nowMs: number) {
  const untilMs = readTime('until', until) ?? nowMs + 1
  return { sinceMs: readTime('since', since) ?? untilMs - defaultPeriodMs, untilMs }
}

/** The filter, limited to what the caller may see: a member the own calls, others those of some workspaces. */
function limitFilter(given: UsageFilter, caller: Caller): UsageFilter {
  const columns = Object.fromEntries(filterNames.map((name) => [name, given[name]]))
  return {
    ...columns,
    ...(caller.role === 'member' && { member: caller.memberId ?? '' }),
    ...(caller.workspaces !== null && { anyWorkspace: caller.workspaces }),
  }
}

/** Adds up rows of the ledger themselves, to compare with the sums of `serveUsage`. */
async function checkUsage({ context, caller, read, query }: AdminRequest): Promise<object> {
  const given = query as UsageParameters // Validated by the schema.
  const period = readPeriod(given, context.nowMs())
  // Sums outlive the calls that they are of, so only the time of kept calls can be compared.
  const sinceMs = Math.max(period.sinceMs, findStartOfKeptCalls(context) ?? period.sinceMs)
  const check = await read('checkLedger', { ...period, sinceMs }, limitFilter(given, caller))
  return {
    rows: check.rows,
    cost_usd: printUsd(check.costNanoUsd),
    usage_usd: printUsd(check.usageNanoUsd),
    since: new Date(check.sinceMs).toISOString(),
    complete: check.isComplete && sinceMs === period.sinceMs,
  }
}

const { timezone: _timezone, ...checkParameters } = parameters

export const usageRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/usage',
    roles,
    operation: 'readUsage',
    summary: 'Sums calls, tokens and cost by up to two groupings, exact to the nano-dollar',
    query: describeOptions({ by, top: topValues, limit: pageLimit, after: afterPage, ...parameters }),
    answer,
    example: { query: 'by=model&by=day' },
    serve: serveUsage,
  },
  {
    method: 'GET',
    path: '/admin/v1/usage/check',
    roles,
    operation: 'checkUsage',
    summary: 'Adds up the latest single rows of the ledger, to compare with the usage',
    query: describeOptions(checkParameters),
    answer: describeObject({
      rows: count,
      cost_usd: money,
      usage_usd: describeText('The cost that the usage has for the same calls.'),
      since: describeTime('The rows are those of calls that began at this time or later.'),
      complete: {
        type: 'boolean',
        description:
          'False: the period has more rows, or retention has removed some, and only the latest ones were added up.',
      },
    }),
    example: {},
    serve: checkUsage,
  },
]
