import { getEffectiveDay, limitOn } from '@anthology/catalog'
import type { Resolution } from '@anthology/catalog'
import {
  converseToMessages,
  findExceededBound,
  firstPartyBetas,
  indexBody,
  parseExactJsonInSteps,
  translateCountTokens,
} from '@anthology/wire'
import type { JsonObject, TranslatedConverse } from '@anthology/wire'

import { getDay } from '../../clock.ts'
import { readMembers } from '../../calls/call.ts'
import { ApiError } from '../../errors.ts'
import { createConverseTranslator } from './converse-response.ts'
import { countTokensEdits, countTokensMembers } from './count-tokens.ts'
import { pauseBetweenSteps, runInSlices } from '../../slices.ts'
import type { ResponseTranslator, ProtocolRequest, InboundRequest } from '../protocol.ts'
import { messagesHeaders } from '../messages.ts'

/** Translates the body: the upstream receives an equivalent Messages API request, not the client's bytes. */
export async function readConverse(
  model: string,
  source: ProtocolRequest,
  stream: boolean,
): Promise<InboundRequest> {
  const defaultMaxTokens = maxAnswerLength(source.resolveModel(model), source.startedAtMs)
  checkBounds(source.body)
  await pauseBetweenSteps(source.body)
  const value = await runInSlices(parseExactJsonInSteps(decode(source.body)))
  await pauseBetweenSteps(source.body)
  const translated = converseToMessages(value, { model, defaultMaxTokens, stream })
  if (!translated.ok) throw toApiError(translated)
  const { responsePaths, serviceTier, notices } = translated
  const shape = createConverseTranslator(source, {
    stream,
    responsePaths,
    ...(serviceTier !== undefined && { serviceTier }),
  })
  return {
    ...(await createInboundRequest(model, source, translated)),
    billable: true,
    stream,
    path: '/v1/messages',
    notices,
    translator: shape,
  }
}

export async function readConverseCount(
  model: string,
  source: ProtocolRequest,
  { converse, shape }: { readonly converse: JsonObject; readonly shape: ResponseTranslator },
): Promise<InboundRequest> {
  const translated = translateCountTokens(converse, { model })
  if (!translated.ok) throw toApiError(translated)
  const inbound = await createInboundRequest(model, source, translated)
  return {
    ...inbound,
    patches: countTokensEdits(inbound.index),
    billable: false,
    stream: false,
    path: '/v1/messages/count_tokens',
    notices: translated.notices,
    translator: shape,
  }
}

async function createInboundRequest(
  model: string,
  { request }: ProtocolRequest,
  translated: { readonly body: JsonObject; readonly betas: readonly string[] },
): Promise<Pick<InboundRequest, 'requestedModel' | 'body' | 'index' | 'patches' | 'headers' | 'betas'>> {
  const body = utf8.encode(JSON.stringify(translated.body))
  await pauseBetweenSteps(body)
  const index = indexBody(body, members)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const betas = firstPartyBetas(translated.betas)
  const headers = messagesHeaders(request, { version: apiVersion, betas })
  return { requestedModel: model, body, index, patches: [], headers, betas }
}

const members: ReadonlySet<string> = new Set([...readMembers, ...countTokensMembers])

/** The Messages API version that requests are translated to. */
const apiVersion = '2023-06-01'

/** Converse's default for an omitted limit: the model's output limit. */
function maxAnswerLength(found: Resolution, nowMs: number): number {
  if (!found.ok) return 4_096
  const day = getEffectiveDay(found.model, 'ignore', getDay(nowMs))
  return limitOn(found.model.maxOutput, day).tokens
}

function toApiError({ problem }: Extract<TranslatedConverse, { ok: false }>): ApiError {
  const kind = { status: 400, type: 'invalid_request_error', retry: false, exception: problem.type } as const
  return new ApiError('bad_request', problem.message, kind)
}

/** The body is parsed as a whole, so its depth and its number of values have a bound. */
export function checkBounds(body: Uint8Array): void {
  const exceeded = findExceededBound(body)
  if (exceeded !== null) throw new ApiError('bad_request', exceeded)
}

function decode(body: Uint8Array): string {
  try {
    return strictUtf8.decode(body)
  } catch {
    throw toApiError({
      ok: false,
      problem: { type: 'SerializationException', message: 'The request body is not valid UTF-8.' },
    })
  }
}

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true })
