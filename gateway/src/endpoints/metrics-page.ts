import { authenticateKey } from '../auth/authenticate.ts'
import type { Context } from '../context.ts'
import type { ClientExchange, ClientRequest } from '../http/client-exchange.ts'
import { sendBytes } from '../http/respond.ts'
import { expositionType, printMetrics } from '../telemetry/exposition.ts'

/** Serves `/metrics`: clients on this machine need no key, all others any valid one. */
export async function serveMetrics(context: Context, exchange: ClientExchange): Promise<void> {
  const { id, request, response } = exchange
  if (!isLocal(request)) authenticateKey(request.headers, context.ring)
  const text = await printMetrics(await context.gatherMetrics(() => context.telemetry.snapshot()))
  sendBytes(
    response,
    200,
    { 'content-type': expositionType, 'request-id': id, 'cache-control': 'no-store' },
    Buffer.from(text),
  )
}

/** A request that a proxy on this machine has forwarded is not local. */
function isLocal({ headers, socket }: ClientRequest): boolean {
  return loopback.test(socket.remoteAddress ?? '') && forwarding.every((name) => headers[name] === undefined)
}

const loopback = /^(?:127\.|::1$|::ffff:127\.)/
const forwarding = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const
