import type { ClientExchange } from '../../http/client-exchange.ts'
import { untilClosed } from '../../http/until-closed.ts'
import type { CallPlace } from '../../ledger/call-place.ts'
import { components } from '../../ledger/call-row.ts'
import type { CallSearch } from '../../ledger/call-search.ts'
import { formatCsvLine } from '../../ledger/csv.ts'
import type { ReadReport } from '../../ledger/reports.ts'
import { printCall } from './call-view.ts'

/** Rows that are read and sent at once. */
const pageRows = 500

const columns = [
  'id',
  'attempt',
  'started_at',
  'protocol',
  'key_id',
  'key',
  'workspace_id',
  'workspace',
  'member_id',
  'member',
  'session_id',
  'agent_id',
  'labels',
  'requested_model',
  'model',
  'upstream',
  'platform',
  'outcome',
  'status',
  'stop_reason',
  'error_type',
  'first_token_ms',
  'total_ms',
  'cost_usd',
  'unpriced_because',
] as const

interface CallCsv {
  readonly read: ReadReport
  readonly search: CallSearch
}

/**
 * Sends all ended calls of a search as CSV, the latest start first. It reads page by page, as fast as the client takes
 * them, so its memory does not grow with the number of calls. An export that fails on its way is cut off without the last
 * chunk, which clients report as an error.
 */
export async function sendCallCsv(
  { id, response }: ClientExchange,
  { read, search }: CallCsv,
): Promise<'sent'> {
  // The first page is read before the status is sent, so that a search that fails gets an error of its own.
  let page = await readPage(null)
  const closed = untilClosed(response)
  response.writeHead(200, {
    'content-type': 'text/csv; charset=utf-8',
    'content-disposition': 'attachment; filename="calls.csv"',
    'cache-control': 'no-store',
    'request-id': id,
  })
  const send = async (lines: readonly string[]): Promise<void> => {
    if (lines.length > 0 && !response.write(Buffer.from(`${lines.join('\r\n')}\r\n`)))
      await closed.untilDrained()
  }
  try {
    await send([formatCsvLine([...columns, ...components])])
    while (!closed.isClosed()) {
      await send(page.lines)
      if (page.next === null) break
      page = await readPage(page.next)
    }
    if (!response.destroyed) response.end()
  } catch (error) {
    const isCancelled = closed.isClosed()
    response.destroy()
    if (!isCancelled) throw error
  }
  return 'sent'

  async function readPage(after: CallPlace | null) {
    const { rows, next } = await read('searchCalls', search, { limit: pageRows, after })
    const names = await read('readOwnerNames')
    return { lines: rows.map((row) => printLine(printCall(row, names))), next }
  }
}

function printLine(call: Readonly<Record<string, unknown>>): string {
  const quantities = call['quantities'] as Readonly<Record<string, unknown>> // As `printCall` makes it.
  return formatCsvLine([
    ...columns.map((name) => printCell(call[name])),
    ...components.map((name) => printCell(quantities[name])),
  ])
}

function printCell(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
