import type { Context } from '../context.ts'
import type { ErrorCode } from '../errors.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import { sendJson } from '../http/respond.ts'

/** Serves `/healthz` and `/api/hello`: the process is running. */
export function serveHealth({ id, response }: ClientExchange): void {
  sendJson(response, 200, id, { status: 'ok' })
}

/** Serves `/readyz`: 503 with the reasons while new calls would be rejected. */
export function serveReadiness(context: Context, { id, response }: ClientExchange): void {
  const because = listReasons(context)
  if (because.length === 0) return sendJson(response, 200, id, { status: 'ready' })
  sendJson(response, 503, id, { status: 'not_ready', because })
}

/** The error codes that a call would get now. */
function listReasons({ accounts, credentials, ledger, draining }: Context): readonly ErrorCode[] {
  const because: ErrorCode[] = []
  if (!ledger.healthy) because.push('ledger_unavailable')
  if (draining()) because.push('shutting_down')
  const isRejected = accounts.every(({ name }) => credentials.findRejection(name) !== null)
  if (accounts.length > 0 && isRejected) because.push('upstream_credential')
  return because
}
