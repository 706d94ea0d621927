import { isLoopbackHost } from '@anthology/wire'

import { authenticateKey } from '../auth/authenticate.ts'
import type { Context } from '../context.ts'
import type { ClientExchange, ClientRequest } from '../http/client-exchange.ts'
import { sendBytes } from '../http/respond.ts'
import { expositionType, printMetrics } from '../telemetry/exposition.ts'

/** Serves `/metrics`; requests from other machines need a valid key. */
export async function serveMetrics(context: Context, exchange: ClientExchange): Promise<void> {
  const { id, request, response } = exchange
  if (!isLocal(request)) authenticateKey(request, context)
  const text = await printMetrics(await context.gatherMetrics(() => context.telemetry.snapshot()))
  sendBytes(
    response,
    200,
    { 'content-type': expositionType, 'request-id': id, 'cache-control': 'no-store' },
    Buffer.from(text),
  )
}

/** Requests forwarded by a proxy on this machine are not local. */
function isLocal({ headers, socket }: ClientRequest): boolean {
  const { remoteAddress = '' } = socket
  return isLoopbackHost(remoteAddress) && forwarding.every((name) => headers[name] === undefined)
}

const forwarding = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'] as const
