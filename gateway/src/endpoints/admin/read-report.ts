import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import type { ReadReport } from '../../ledger/reports.ts'

/** Returns the reports for one request. They are cancelled when its client disconnects. */
export function createReader(
  { reports }: Pick<Context, 'reports'>,
  { response }: Pick<ClientExchange, 'response'>,
): ReadReport {
  const closed = new AbortController()
  response.once('close', () => closed.abort(new ApiError('body_aborted', 'the client disconnected')))
  return (name, ...given) => reports.read(name, given, closed.signal)
}
