import { authenticate, authorizeModel } from '../auth/authenticate.ts'
import { attemptCall } from './attempt-call.ts'
import { openCall } from './call.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import { accountsForFiles } from '../resources/file-ids.ts'
import { planAttempts } from '../routing/plan.ts'
import { validate } from './validate.ts'
import type { Settled } from './settle.ts'
import type { CallTrace } from '../telemetry/tracing.ts'
import type { Protocol } from '../protocols/protocol.ts'

/** Serves a call from start to end, with metrics and, if enabled, tracing. */
export async function serveCall(
  context: Context,
  protocol: Protocol,
  exchange: ClientExchange,
): Promise<Settled> {
  const { running } = context.telemetry
  const trace = context.tracing === null ? null : context.tracing.begin(exchange, protocol.name)
  running.calls += 1
  try {
    return await takeCall(context, protocol, exchange, trace)
  } catch (error) {
    trace?.fail(error)
    throw error
  } finally {
    running.calls -= 1
  }
}

/**
 * The complete request path of a call, in every protocol. Only this path returns a
 * `Settled`, which `dispatch` requires from every route that can cost money.
 */
async function takeCall(
  context: Context,
  protocol: Protocol,
  { id, request, response }: ClientExchange,
  trace: CallTrace | null,
): Promise<Settled> {
  if (context.draining()) throw new ApiError('shutting_down', 'the gateway is shutting down')
  const startedAtMs = context.nowMs()
  // Authenticate before reading the body: a request without a key must not make us hold 32 MB.
  const authentication = authenticate(request, context.ring, startedAtMs)
  if (protocol.path.billable && authentication.key !== null)
    context.callLimits.rejectEarly(authentication.key, protocol.path.model)
  const { unverifiedId } = authentication
  const body = await context.bodies.read(request, { contentType: protocol.contentType, unverifiedId })
  try {
    const key = authentication.confirm(body.bytes)
    const inbound = protocol.read({ request, body: body.bytes, startedAtMs, nowMs: context.nowMs })
    const call = openCall(inbound, { id, protocol, key, headers: request.headers, startedAtMs, trace })
    authorizeModel(key, call.model)
    const plan = planAttempts(call.model, await accountsForFiles(context, key, call.body))
    if (context.validateRequests && call.billable) validate(call, plan)
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
