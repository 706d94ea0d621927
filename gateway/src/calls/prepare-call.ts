import { authorizeModel, authorizeProtocol } from '../auth/authenticate.ts'
import type { Key } from '../auth/key-ring.ts'
import { authorizeNamedModels } from '../auth/named-models.ts'
import { readLabels } from '../budgets/labels.ts'
import type { Context } from '../context.ts'
import type { Protocol, ProtocolRequest } from '../protocols/protocol.ts'
import type { Plan } from '../routing/plan.ts'
import type { CallTrace } from '../telemetry/tracing.ts'
import { openCall } from './call.ts'
import type { Call } from './call.ts'
import { createPlan, nameConversation } from './plan-call.ts'
import type { PlanningContext } from './plan-call.ts'

/** A request whose key is known and whose body has arrived. */
export interface ReceivedRequest extends Pick<ProtocolRequest, 'request' | 'body' | 'startedAtMs'> {
  readonly id: string
  readonly protocol: Protocol
  readonly key: Key
  readonly trace: CallTrace | null
}

/**
 * Reads a request, authorizes its models, and plans its attempts. Calls and explanations both come this way, so an
 * explanation is the plan of the call. Throws the ApiError that the client gets.
 */
export async function prepareCall(
  context: PlanningContext & Pick<Context, 'resolveModel' | 'nowMs'>,
  { id, protocol, key, request, body, startedAtMs, trace }: ReceivedRequest,
): Promise<{ readonly call: Call; readonly plan: Plan }> {
  const { nowMs } = context
  authorizeProtocol(key, protocol.name)
  const labels = readLabels(request.headers, context.labels)
  const resolveModel = context.resolveModel.forConversation(() =>
    nameConversation(request.headers, key, body),
  )
  const inbound = await protocol.read({ request, body, startedAtMs, nowMs, resolveModel })
  const source = { id, protocol, key, headers: request.headers, startedAtMs, labels, trace, resolveModel }
  const call = openCall(inbound, source)
  authorizeModel(key, call.model)
  if (key.models !== null) await authorizeNamedModels(call, { key, resolveModel })
  return { call, plan: await createPlan(context, key, call) }
}
