import type { IncomingMessage, ServerResponse } from 'node:http'

import { admitKey, admitModel } from '../admit.ts'
import { attemptCall } from '../attempt.ts'
import { readCall } from '../call.ts'
import type { Context } from '../context.ts'
import { accountsForFiles } from '../items/file-ids.ts'
import { planAttempts } from '../plan.ts'
import { preflight } from '../preflight.ts'

/** Serves `/v1/messages` and `/v1/messages/count_tokens`: from the request to the end of its answer. */
export async function serveMessages(
  context: Context,
  route: 'messages' | 'count_tokens',
  exchange: { id: string; request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const { id, request, response } = exchange
  const startedAtMs = context.nowMs()
  // The key comes first: nobody without one makes us hold 32 MB.
  const key = admitKey(request.headers, context.ring)
  const body = await context.bodies.read(request)
  try {
    const source = {
      id,
      route,
      target: request.url ?? '',
      headers: request.headers,
      key,
      body: body.bytes,
      startedAtMs,
    }
    const call = readCall(source)
    admitModel(key, call.model)
    const plan = planAttempts(call.model, await accountsForFiles(context, key, body.bytes))
    if (context.preflight && call.billable) preflight(call)
    await attemptCall(context, call, plan, response)
  } finally {
    body.release()
  }
}
