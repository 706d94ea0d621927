import { admitCaller, admitModel } from '../auth/authenticate.ts'
import { attemptCall } from './attempt-call.ts'
import { openCall } from './call.ts'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import { accountsForFiles } from '../resources/file-ids.ts'
import { planAttempts } from '../routing/plan.ts'
import { preflight } from './validate.ts'
import type { Settled } from './settle.ts'
import type { CallTrace } from '../telemetry/tracing.ts'
import type { Door } from '../protocols/protocol.ts'

/** A call from its beginning to its end, counted and, where traces are sent, traced. */
export async function serveCall(context: Context, door: Door, exchange: ClientExchange): Promise<Settled> {
  const { running } = context.telemetry
  const trace = context.tracing === null ? null : context.tracing.begin(exchange, door.name)
  running.calls += 1
  try {
    return await takeCall(context, door, exchange, trace)
  } catch (error) {
    trace?.refuse(error)
    throw error
  } finally {
    running.calls -= 1
  }
}

/**
 * The whole way of a call, from the request to the end of its answer, whatever
 * door it came through. Only this way ends in a `Settled`, which the table of
 * routes wants for everything that can cost money.
 */
async function takeCall(
  context: Context,
  door: Door,
  { id, request, response }: ClientExchange,
  trace: CallTrace | null,
): Promise<Settled> {
  if (context.draining()) throw new Refusal('shutting_down', 'the gateway is shutting down')
  const startedAtMs = context.nowMs()
  // The key comes first: nobody without one makes us hold 32 MB.
  const admission = admitCaller(request, context.ring, startedAtMs)
  if (door.path.billable && admission.key !== null)
    context.callLimits.refuseEarly(admission.key, door.path.model)
  const body = await context.bodies.read(request, { contentType: door.contentType })
  try {
    const key = admission.confirm(body.bytes)
    const draft = door.read({ request, body: body.bytes, startedAtMs, nowMs: context.nowMs })
    const call = openCall(draft, { id, door, key, headers: request.headers, startedAtMs, trace })
    admitModel(key, call.model)
    const plan = planAttempts(call.model, await accountsForFiles(context, key, call.body))
    if (context.preflight && call.billable) preflight(call)
    const admitted = await context.callLimits.admit(call)
    try {
      return await attemptCall(context, call, plan, { response, permit: admitted.permit })
    } finally {
      admitted.release()
    }
  } finally {
    body.release()
  }
}
