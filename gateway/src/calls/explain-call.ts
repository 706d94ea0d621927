import type { IncomingHttpHeaders } from 'node:http'

import { isRecord, parseJson } from '@anthology/wire'

import { createBuiltInKey } from '../auth/key-ring.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { matchRoute } from '../http/route.ts'
import { getProtocol } from '../protocols/get-protocol.ts'
import type { Protocol, ProtocolName } from '../protocols/protocol.ts'
import type { Exclusion } from '../routing/exclusion.ts'
import type { Rank } from '../routing/plan.ts'
import type { Platform } from '@anthology/catalog'
import type { PlanningContext } from './plan-call.ts'
import { prepareCall } from './prepare-call.ts'
import { createAttemptQuote } from './quote-attempt.ts'
import type { AttemptQuote } from './quote-attempt.ts'
import { toPlanError } from './validate.ts'

/** A request as a client would send it, and how it would send it. */
export interface ExplainRequest {
  readonly id: string
  readonly protocol: ProtocolName
  /** The model in the path of the cloud protocols; null for the others, whose body names it. */
  readonly model: string | null
  /** Whether the path of the cloud protocols asks for a stream. */
  readonly stream: boolean
  /** Null: a key without restrictions. */
  readonly key: Key | null
  readonly headers: IncomingHttpHeaders
  readonly body: Uint8Array
}

/** The plan of a call, for people: the attempts in their order, and why each other upstream is left out. */
export interface Explanation {
  /** The catalog's id of the model that was asked for. */
  readonly model: string
  readonly attempts: readonly ExplainedAttempt[]
  readonly excluded: readonly ExplainedExclusion[]
}

export interface ExplainedAttempt {
  readonly upstream: string
  readonly platform: Platform
  /** The model's name at the upstream. */
  readonly model: string
  readonly because: Rank
  readonly price: AttemptQuote
}

export interface ExplainedExclusion {
  readonly upstream: string
  /** The catalog's id: that of a fallback is another one. */
  readonly model: string
  readonly because: Exclusion
  readonly detail: string
}

/**
 * Explains the plan of a request without sending it. `apiError` is what the client gets if no upstream is left. Throws
 * the ApiError of a request that cannot be planned.
 */
export async function explainCall(
  context: PlanningContext & Pick<Context, 'resolveModel' | 'nowMs'>,
  { id, key, headers, body, ...target }: ExplainRequest,
): Promise<{ readonly explanation: Explanation; readonly apiError: ApiError | null }> {
  const { protocol, path } = chooseProtocol(target, body)
  const { call, plan } = await prepareCall(context, {
    id,
    protocol,
    key: key ?? unrestrictedKey,
    // The version is a matter of the client's library and not of the request.
    request: { url: path, headers: { 'anthropic-version': '2023-06-01', ...headers } },
    body,
    startedAtMs: context.nowMs(),
    trace: null,
  })
  const quoteAttempt = createAttemptQuote(call)
  const attempts = plan.attempts.map((attempt) => ({
    upstream: attempt.account.name,
    platform: attempt.account.platform,
    model: attempt.modelName,
    because: attempt.because,
    price: quoteAttempt(attempt),
  }))
  const explanation = { model: plan.model.id, attempts, excluded: plan.excluded }
  return { explanation, apiError: attempts.length === 0 ? toPlanError(plan) : null }
}

const unrestrictedKey = createBuiltInKey('explain', 'explain')

/** Finds the protocol by the path to which a client would send the request. */
function chooseProtocol(
  target: Pick<ExplainRequest, 'protocol' | 'model' | 'stream'>,
  body: Uint8Array,
): { readonly protocol: Protocol; readonly path: string } {
  const path = createPath(target, body)
  const route = matchRoute('POST', path)
  if (route.kind === 'call') return { protocol: getProtocol(route), path }
  throw new ApiError('bad_request', `model: '${target.model?.slice(0, 256)}' cannot be part of a path`)
}

function createPath(
  { protocol, model, stream }: Pick<ExplainRequest, 'protocol' | 'model' | 'stream'>,
  body: Uint8Array,
): string {
  if (protocol === 'messages') return '/v1/messages'
  if (protocol === 'openai') return '/v1/chat/completions'
  if (model === null || model === '')
    throw new ApiError(
      'bad_request',
      `model: clients of protocol ${protocol} name it in the path; give it as model=NAME`,
    )
  const name = encodeURIComponent(model)
  if (protocol === 'vertex') {
    const method = stream ? 'streamRawPredict' : 'rawPredict'
    return `/v1/projects/explain/locations/global/publishers/anthropic/models/${name}:${method}`
  }
  const operation = isInvocation(body) ? invokeOperations : converseOperations
  return `/model/${name}/${operation[stream ? 'stream' : 'plain']}`
}

const invokeOperations = { plain: 'invoke', stream: 'invoke-with-response-stream' }
const converseOperations = { plain: 'converse', stream: 'converse-stream' }

/** InvokeModel requires both members, and Converse has neither. A body that cannot be read gets InvokeModel's error. */
function isInvocation(body: Uint8Array): boolean {
  const parsed = parseJson(new TextDecoder().decode(body))
  return !isRecord(parsed) || 'anthropic_version' in parsed || 'max_tokens' in parsed
}
