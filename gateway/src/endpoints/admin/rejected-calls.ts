import { roles } from '../../auth/roles.ts'
import { ApiError } from '../../errors.ts'
import { readTime } from './call-query.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeOptions, describeText, orNull } from './schema.ts'
import type { Schema } from './schema.ts'

const dayMs = 86_400_000
const defaultPeriodMs = 30 * dayMs
/** The answer has rows for each day. */
const maxPeriodDays = 400

const parameters: Readonly<Record<string, Schema>> = {
  since: describeText('Calls of the day (UTC) of this time or later (RFC 3339). Default: 30 days ago.', {
    maxLength: 40,
  }),
  until: describeText('Calls of days that began before this time (RFC 3339). Default: now.', {
    maxLength: 40,
  }),
  key: describeText('The id of the key.'),
  workspace: describeText('The id of the workspace that the key has now.'),
  member: describeText('The id of the member that the key has now.'),
  limit: {
    type: 'integer',
    minimum: 1,
    maximum: 1_000,
    default: 500,
    description: 'Rows by key and error code, those with the most calls.',
  },
}

const count: Schema = { type: 'integer' }
const code = describeText('The code of the error.')

const answer = describeObject({
  days: describeArray(
    describeObject({ day: describeText('The day in UTC.', { format: 'date' }), code, calls: count }),
    'By day and error code, in the order of the days.',
  ),
  keys: describeArray(
    describeObject({
      key_id: { type: 'string' },
      key: orNull(describeText('Its name.')),
      code,
      calls: count,
    }),
    'By key and error code, the most calls first.',
  ),
  total: { type: 'integer', description: 'All rejected calls of the period.' },
  complete: { type: 'boolean', description: 'False: `keys` has more rows than `limit`.' },
})

interface RejectedQuery {
  readonly since?: string
  readonly until?: string
  readonly key?: string
  readonly workspace?: string
  readonly member?: string
  readonly limit: number
}

async function serveRejected({ context, caller, read, query }: AdminRequest): Promise<object> {
  const { since, until, key, workspace, member, limit } = query as RejectedQuery // Validated by the schema.
  const untilMs = readTime('until', until) ?? context.nowMs() + 1
  const sinceMs = readTime('since', since) ?? untilMs - defaultPeriodMs
  if (untilMs - sinceMs > maxPeriodDays * dayMs)
    throw new ApiError('bad_request', `since: the period has at most ${maxPeriodDays} days`, undefined, {
      details: { member: 'since' },
    })
  const owner = caller.role === 'member' ? (caller.memberId ?? '') : member
  const filter = {
    ...(key !== undefined && { key }),
    ...(workspace !== undefined && { workspace }),
    ...(owner !== undefined && { member: owner }),
    visibleWorkspaces: caller.workspaces === null ? null : [...caller.workspaces],
  }
  const report = await read('readRejections', { period: { sinceMs, untilMs }, filter }, limit)
  return {
    days: report.days.map(({ calls, ...row }) => ({ ...row, calls: Number(calls) })),
    keys: report.keys.map((row) => ({
      key_id: row.keyId,
      key: row.name,
      code: row.code,
      calls: Number(row.calls),
    })),
    total: Number(report.days.reduce((sum, { calls }) => sum + calls, 0n)),
    complete: !report.isCut,
  }
}

export const rejectedCallRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/rejected-calls',
    roles,
    operation: 'readRejectedCalls',
    summary:
      'Counts the calls that the gateway rejected before it asked an upstream, by day, key and error code',
    query: describeOptions(parameters),
    answer,
    example: {},
    serve: serveRejected,
  },
]
