import { authenticate } from '../auth/authenticate.ts'
import type { Key } from '../auth/key-ring.ts'
import { attemptCall } from './attempt-call.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import { holdCall } from './hold-call.ts'
import { prepareCall } from './prepare-call.ts'
import { toPlanError } from './validate.ts'
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
  const progress: Progress = { trace, key: null }
  running.calls += 1
  try {
    return await takeCall(context, protocol, exchange, progress)
  } catch (error) {
    trace?.fail(error)
    // A call that was sent to an upstream has a row, and never throws an ApiError.
    if (error instanceof ApiError && progress.key !== null && protocol.path.billable)
      context.ledger.countRejection(progress.key.id, error.code, context.nowMs())
    throw error
  } finally {
    running.calls -= 1
  }
}

interface Progress {
  readonly trace: CallTrace | null
  /** Set once the caller is authenticated. */
  key: Key | null
}

/**
 * The complete request path of a call, in every protocol. Only this path returns a
 * `Settled`, which `dispatch` requires from every route that can cost money.
 */
async function takeCall(
  context: Context,
  protocol: Protocol,
  { id, request, response }: ClientExchange,
  progress: Progress,
): Promise<Settled> {
  if (context.draining()) throw new ApiError('shutting_down', 'the gateway is shutting down')
  const { trace } = progress
  const startedAtMs = context.nowMs()
  // Authenticate before reading the body: a request without a key must not make us hold 32 MB.
  const authentication = authenticate(request, context)
  progress.key = authentication.key
  if (protocol.path.billable && authentication.key !== null)
    context.callLimits.rejectEarly(authentication.key, protocol.path.model)
  const { unverifiedId } = authentication
  const body = await context.bodies.read(request, { contentType: protocol.contentType, unverifiedId })
  try {
    const key = authentication.confirm(body.bytes)
    progress.key = key
    const received = { id, protocol, key, request, body: body.bytes, startedAtMs, trace }
    const { call, plan } = await prepareCall(context, received)
    if (plan.attempts.length === 0) throw toPlanError(plan)
    const admitted = await context.callLimits.admit(call)
    try {
      const money = await holdCall(context, call, plan)
      const capture = context.storedBodies?.capture(call) ?? null
      try {
        const { permit } = admitted
        const settled = await attemptCall(context, call, plan, { response, permit, money, capture })
        capture?.keep()
        return settled
      } finally {
        capture?.drop()
        // Without effect if the call has settled.
        money.release()
      }
    } finally {
      admitted.release()
    }
  } finally {
    body.release()
  }
}
