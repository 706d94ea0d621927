import { roles } from '../../auth/roles.ts'
import type { Caller } from '../../auth/caller.ts'
import { ApiError } from '../../errors.ts'
import type { CallPlace } from '../../ledger/call-place.ts'
import { maxScannedRows } from '../../ledger/call-search.ts'
import { printTime } from '../../organization/change.ts'
import type { SqlRow } from '../../store/database.ts'
import { callParameters, readCallSearch } from './call-query.ts'
import type { CallQuery } from './call-query.ts'
import { sendCallCsv } from './call-csv.ts'
import { streamCalls } from './call-stream.ts'
import { callDetailSchema, callSchema, printCall, printCallDetail } from './call-view.ts'
import { decodePlace, encodePlace } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'

const maxRunningCalls = 100

async function list({ caller, read, query }: AdminRequest): Promise<object> {
  const { limit, after, ...rest } = query as PageQuery & CallQuery // Validated by the schema.
  const search = readCallSearch(rest, caller)
  const place = readAfter(after)
  // Calls that run are at the beginning of the list, and only there.
  const running =
    place === null && (search.outcome ?? 'running') === 'running'
      ? await read('searchRunningCalls', search, maxRunningCalls)
      : []
  const { rows, next } = await read('searchCalls', search, { limit, after: place })
  const names = await read('readOwnerNames')
  return {
    data: [...running, ...rows].map((row) => printCall(row, names)),
    next: next === null ? null : encodePlace([next.startedAtMs, next.id]),
    looked_back_to: printTime(next?.startedAtMs ?? null),
  }
}

function stream({ context, exchange, caller, read, query }: AdminRequest): Promise<'sent'> {
  const { seconds, ...rest } = query as CallQuery & { readonly seconds?: number } // Validated by the schema.
  const maxMs = seconds === undefined ? Infinity : seconds * 1_000
  return streamCalls(context, exchange, { read, search: readCallSearch(rest, caller), maxMs })
}

function exportCsv({ exchange, caller, read, query }: AdminRequest): Promise<'sent'> {
  const search = readCallSearch(query as CallQuery, caller) // Validated by the schema.
  return sendCallCsv(exchange, { read, search })
}

/** Calls that are counted one by one. */
const maxCounted = 1_000

async function count({ caller, read, query }: AdminRequest): Promise<object> {
  const search = readCallSearch(query as CallQuery, caller) // Validated by the schema.
  const { places, isCut } = await read('findCallPlaces', search, maxCounted + 1)
  return { count: Math.min(places.length, maxCounted), complete: !isCut }
}

function readAfter(after: string | undefined): CallPlace | null {
  const place = decodePlace(after, ['number', 'string'])
  return place === null ? null : { startedAtMs: Number(place[0]), id: String(place[1]) }
}

async function getOne({ caller, read, parameters }: AdminRequest): Promise<object> {
  const rows = await readOwnRows({ caller, read, parameters })
  const names = await read('readOwnerNames')
  const printed = rows.map((row) => printCallDetail(row, names))
  const isCall = (row: Record<string, unknown>) => row['attempt'] === null
  return {
    call: printed.find(isCall) ?? printed[0],
    billed_attempts: printed.filter((row) => !isCall(row)),
  }
}

/** The rows of the call that the path names. Throws an ApiError if there are none that the caller may see. */
export async function readOwnRows({
  caller,
  read,
  parameters,
}: Pick<AdminRequest, 'caller' | 'read' | 'parameters'>): Promise<readonly SqlRow[]> {
  const id = parameters['id'] ?? ''
  const rows = (await read('readCallRows', id)).filter((row) => maySee(caller, row))
  if (rows.length === 0) throw new ApiError('unknown_resource', `there is no call '${id.slice(0, 200)}'`)
  return rows
}

function maySee(caller: Caller, row: SqlRow): boolean {
  if (caller.role === 'member' && row['member_id'] !== caller.memberId) return false
  return caller.workspaces === null || caller.workspaces.has(String(row['workspace_id']))
}

const callPage = describePage(callSchema, {
  looked_back_to: orNull(
    describeTime(
      `The start of the earliest call that the page has looked at. With filters it looks at ${maxScannedRows} calls at most. Null: it has looked at all.`,
    ),
  ),
})

export const callRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/calls',
    roles,
    operation: 'listCalls',
    summary: 'Lists calls and billed attempts, the latest start first',
    query: describeOptions({ ...pageParameters, ...callParameters }),
    answer: callPage,
    example: { query: 'limit=10&outcome=answered' },
    serve: list,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls/stream',
    roles,
    operation: 'streamCalls',
    summary: 'Streams calls as they begin and end, as server-sent events',
    query: describeOptions({
      ...callParameters,
      seconds: {
        type: 'integer',
        minimum: 0,
        description: 'The stream ends after this time. Default: when the client closes it.',
      },
    }),
    answer: callSchema,
    mediaType: 'text/event-stream',
    example: { query: 'outcome=failed&seconds=0' },
    serve: stream,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls/csv',
    roles,
    operation: 'exportCalls',
    summary: 'Exports all ended calls and billed attempts that match as CSV, the latest start first',
    query: describeOptions(callParameters),
    answer: describeText('A line of names, then a line for each call.'),
    mediaType: 'text/csv',
    example: { query: 'outcome=answered' },
    serve: exportCsv,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls/count',
    roles,
    operation: 'countCalls',
    summary: 'Counts the ended calls and billed attempts that match, up to a bound',
    query: describeOptions(callParameters),
    answer: describeObject({
      count: { type: 'integer', description: `At most ${maxCounted}.` },
      complete: {
        type: 'boolean',
        description:
          'False: there may be more, because the count or the look at the latest calls has its bound.',
      },
    }),
    example: { query: 'outcome=answered' },
    serve: count,
  },
  {
    method: 'GET',
    path: '/admin/v1/calls/{id}',
    roles,
    operation: 'getCall',
    summary: 'Shows a call with its billed attempts, its price and its usage',
    answer: describeObject({ call: callDetailSchema, billed_attempts: describeArray(callDetailSchema) }),
    example: { parameters: { id: 'req_example' }, status: 404 },
    serve: getOne,
  },
]
