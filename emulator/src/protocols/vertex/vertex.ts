import type { Model } from '@anthology/catalog'
import {
  applySplices,
  editsFromRawPredict,
  googleTexts,
  indexBody,
  parseError,
  parseMember,
  rawPredictMembers,
  readRawPredictBody,
  vertexResource,
  readBearer,
  readBetas,
} from '@anthology/wire'
import type { BodyIndex, GoogleError, VertexPath } from '@anthology/wire'

import { getQuery } from '../../api/route.ts'
import { findSizeError } from '../cloud/body-size.ts'
import { asMessagesCall, withMessageIds } from '../cloud/messages-call.ts'
import { countTokens } from '../../api/count-tokens.ts'
import type { EmulatorRequest } from '../../request.ts'
import { createMessage } from '../../message/create-message.ts'
import { describeInvalidJson, findEscapeProblem } from '../../http/body.ts'
import { errorReply, toHeaderText } from '../../http/reply.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { findVertexModel } from './model.ts'
import { getQuotaText } from './quota.ts'
import { googleErrorReply, vertexReply } from './reply.ts'

/** Answers a call of Claude on Google Cloud's Vertex AI. */
export function* answerVertex(
  target: VertexPath,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  const key = readBearer(request.headers['authorization'])
  if (settings.keys && !settings.keys.has(key ?? ''))
    return reject(request.headers['authorization'] === undefined ? missingKey : unknownKey, target)
  const requestId = head.requestId.replace(/^req_/, 'req_vrtx_')
  const call = {
    request,
    key,
    query: getQuery(request.path),
    name: '',
    head: { ...head, requestId },
  }
  return yield* predict(call, target, settings)
}

const unknownKey: GoogleError = { status: 'UNAUTHENTICATED', message: googleTexts.badCredentials }
const missingKey: GoogleError = {
  status: 'UNAUTHENTICATED',
  message: googleTexts.missingCredentials,
  reason: 'CREDENTIALS_MISSING',
}

/** The reply to a known path with another HTTP method; the text is inferred. */
export function rejectVertexMethod(target: VertexPath): Reply {
  return reject(noMethod, target)
}

/** The reply to a malformed request. */
export function rejectVertexRequest(target: VertexPath, message: string): Reply {
  return reject(invalid(message), target)
}

const noMethod: GoogleError = { status: 'NOT_FOUND', message: 'Method not found.' }

type VertexCall = Omit<Call, 'apiVersion'>

function* predict(call: VertexCall, target: VertexPath, settings: Settings): Steps<Reply> {
  const body = call.request.body ?? new Uint8Array()
  const index = indexBody(body, rawPredictMembers)
  if (!index.ok) return reject(invalid(`Invalid JSON payload received. ${index.message}`), target)
  const name = target.model ?? countedModel(body, index)
  const found = findVertexModel(name, target.location, settings.servedModels)
  if (!found.ok) return withHint(reject(notFound(target, name), target), found.hint)
  const { model, notice, window } = found
  const tooLarge = findSizeError(body, model, 'vertex')
  if (tooLarge !== null) return reject(invalid(tooLarge), target)
  const counts = target.model === null
  const read = readRawPredictBody(body, index, { countTokens: counts })
  if (!read.ok) return vertexReply(errorReply({ status: 400, message: read.message }, call.head), notice)
  yield
  const escapeProblem = findEscapeProblem(body)
  if (escapeProblem !== null) {
    const message = describeInvalidJson(escapeProblem)
    return vertexReply(errorReply({ status: 400, message }, call.head), notice)
  }
  yield
  const inner = asMessagesCall(
    { ...call, window },
    {
      platform: 'vertex',
      body: applySplices(body, index, editsFromRawPredict(index, model.id)),
      betas: readBetas(call.request.headers['anthropic-beta']),
      apiVersion: read.apiVersion,
    },
  )
  const reply = counts
    ? yield* countTokens(inner, settings)
    : yield* createMessage(inner, withMessageIds(settings, 'msg_vrtx_'))
  return reply.status === 429 ? toQuotaError(reply, model, target) : vertexReply(reply, notice)
}

/** What is no text is the name of no model. */
function countedModel(body: Uint8Array, index: BodyIndex): string {
  const member = index.get('model')
  const name = member && parseMember(body, member)
  return typeof name === 'string' ? name : ''
}

function reject(error: GoogleError, { method }: VertexPath): Reply {
  return googleErrorReply(error, method === 'streamRawPredict')
}

function invalid(message: string): GoogleError {
  return { status: 'INVALID_ARGUMENT', message }
}

function notFound(target: VertexPath, model: string): GoogleError {
  const message = googleTexts.unknownModel(vertexResource(target, model).slice(0, 512))
  return { status: 'NOT_FOUND', message }
}

/** Google Cloud gives no help; the notice header does. */
function withHint(reply: Reply, hint: string): Reply {
  return hint === ''
    ? reply
    : { ...reply, headers: { ...reply.headers, 'x-anthology-notice': toHeaderText(hint) } }
}

/** Quotas are the platform's; every other refusal is the model's, in the envelope of the Claude API. */
function toQuotaError(reply: Reply, model: Model, target: VertexPath): Reply {
  const { message } = parseError(readBody(reply).bytes)
  const text = getQuotaText(message, model, target.location)
  return reject({ status: 'RESOURCE_EXHAUSTED', message: text }, target)
}
