import { roles } from '../../auth/roles.ts'
import type { CallPlace } from '../../ledger/call-place.ts'
import type { CallSearch, CallSearchPage } from '../../ledger/call-search.ts'
import type { SessionPlace, SessionSums } from '../../ledger/session-list.ts'
import type { SqlRow } from '../../store/database.ts'
import { callParameters, readCallSearch } from './call-query.ts'
import type { CallQuery } from './call-query.ts'
import { callSchema, printCall, printUsd } from './call-view.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describePage,
  describeTime,
  pageParameters,
} from './schema.ts'
import type { Schema } from './schema.ts'

/** The calls of one session that are read; a longer session is cut, and says so. */
const maxSessionCalls = 2_000
/** The times of its calls are looked through in at most this many pages of a list. */
const maxSessionPages = 25

export function pickParameters(names: readonly string[]): Readonly<Record<string, Schema>> {
  return Object.fromEntries(Object.entries(callParameters).filter(([name]) => names.includes(name)))
}

const session = describeObject(
  {
    id: { type: 'string' },
    first_at: describeTime('The start of its first call.'),
    last_at: describeTime('The start of its last call.'),
    calls: { type: 'integer' },
    agents: { type: 'integer', description: 'Agents beside the main one.' },
    models: describeArray({ type: 'string' }),
    failed: { type: 'integer' },
    cost_usd: { type: 'string' },
    input_tokens: { type: 'integer' },
    cache_read_tokens: { type: 'integer' },
    cache_write_tokens: { type: 'integer' },
    output_tokens: { type: 'integer' },
  },
  { title: 'Session' },
)

async function list({ caller, read, query }: AdminRequest): Promise<object> {
  const { limit, after } = query as PageQuery // Validated by the schema.
  const search = readCallSearch(query as CallQuery, caller)
  const place = decodePlace(after, ['number', 'string']) as SessionPlace | null // Its types were checked.
  const sessions = await read('listSessions', search, { limit: limit + 1, after: place })
  return makePage(sessions, limit, {
    print: printSession,
    place: ({ lastAtMs, id }) => [lastAtMs, id],
  })
}

function printSession(sums: SessionSums): object {
  return {
    id: sums.id,
    first_at: new Date(sums.firstAtMs).toISOString(),
    last_at: new Date(sums.lastAtMs).toISOString(),
    calls: sums.calls,
    agents: sums.agents,
    models: sums.models,
    failed: sums.failed,
    cost_usd: printUsd(sums.costNanoUsd),
    input_tokens: sums.inputTokens,
    cache_read_tokens: sums.cacheReadTokens,
    cache_write_tokens: sums.cacheWriteTokens,
    output_tokens: sums.outputTokens,
  }
}

async function getOne(request: AdminRequest): Promise<object> {
  const { rows, isComplete } = await readSessionRows(request)
  const names = await request.read('readOwnerNames')
  return { data: rows.map((row) => printCall(row, names)), complete: isComplete }
}

interface SessionRows {
  /** The latest first. */
  readonly rows: readonly SqlRow[]
  /** False: the session may have more calls than are read. */
  readonly isComplete: boolean
}

/** Reads the calls of the session in the path that the caller may see. */
export async function readSessionRows(
  request: AdminRequest,
  { withDetails = false }: { readonly withDetails?: boolean } = {},
): Promise<SessionRows> {
  const { caller, read, parameters, query } = request
  const search: CallSearch = {
    ...readCallSearch(query as CallQuery, caller), // Validated by the schema.
    session: parameters['id'] ?? '',
  }
  const rows: SqlRow[] = []
  let after: CallPlace | null = null
  let pages = 0
  do {
    const page: CallSearchPage = await read('searchCalls', search, {
      limit: maxSessionCalls - rows.length,
      after,
      withDetails,
    })
    rows.push(...page.rows)
    after = page.next
    pages += 1
  } while (after !== null && rows.length < maxSessionCalls && pages < maxSessionPages)
  return { rows, isComplete: after === null }
}

export const sessionRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/sessions',
    roles,
    operation: 'listSessions',
    summary: 'Lists sessions of clients such as Claude Code, from the latest calls of the period',
    query: describeOptions({
      ...pageParameters,
      ...pickParameters(['since', 'until', 'key', 'workspace', 'member', 'model']),
    }),
    answer: describePage(session),
    example: { query: 'limit=10' },
    serve: list,
  },
  {
    method: 'GET',
    path: '/admin/v1/sessions/{id}',
    roles,
    operation: 'getSession',
    summary: 'Lists the calls of a session, the latest first',
    query: describeOptions(pickParameters(['since', 'until'])),
    answer: describeObject({ data: describeArray(callSchema), complete: { type: 'boolean' } }),
    example: { parameters: { id: 'example' } },
    serve: getOne,
  },
]
