import { check, getMantleName, readFacts, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { applySplices, indexBody, parseError, parseMember } from '@anthology/wire'

import { authenticate } from '../../api/authenticate.ts'
import { countTokens } from '../../api/count-tokens.ts'
import type { MessagesEndpoint } from '../../api/route.ts'
import { getQuery } from '../../api/route.ts'
import { describeInvalidJson, findEscapeProblem } from '../../http/body.ts'
import { errorReply } from '../../http/reply.ts'
import type { ApiError, Reply, ReplyHead } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import { createMessage } from '../../message/create-message.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { findSizeError } from '../cloud/body-size.ts'
import { toCloudReply } from '../cloud/messages-reply.ts'
import { authenticateMessages, readService } from './authenticate.ts'
import { mapBedrockError } from './errors.ts'
import { withBedrockIds } from './call.ts'
import { findBedrockModel, findOnDemandError } from './model.ts'
import { amazonRequestId } from './reply.ts'

/**
 * The Messages API of Amazon Bedrock, behind `/anthropic`: of bedrock-runtime, with the ids of its inference profiles
 * ("Inference using the Messages API", Amazon Bedrock guide, 2026), and of bedrock-mantle, with names of its own
 * ("Claude in Amazon Bedrock", 2026). Here both have one address, so the signature and the model's name tell them apart.
 */
export interface BedrockMessagesCall {
  readonly host: 'runtime' | 'mantle'
  /** The model's name in the body; '' if there is none. */
  readonly name: string
}

/** Null if it is a request to another service, such as Foundry behind the same path. */
export function readBedrockMessages({ body, path, headers }: EmulatorRequest): BedrockMessagesCall | null {
  if (body === null || !messagesPath.test(path)) return null
  const service = readService(headers)
  const name = readName(body)
  if (service === 'bedrock') return { host: 'runtime', name }
  if (service === 'bedrock-mantle') return { host: 'mantle', name }
  if (service !== null) return null
  if (runtimeName.test(name)) return { host: 'runtime', name }
  return name.startsWith('anthropic.') ? { host: 'mantle', name } : null
}

const messagesPath = /\/anthropic\/v1\/messages(?:\/count_tokens)?(?:\?|$)/
const runtimeName = /^(?:arn:aws|[a-z]+(?:-gov)?\.anthropic\.)/
const members: ReadonlySet<string> = new Set(['model'])

function readName(body: Uint8Array): string {
  const index = indexBody(body, members)
  const member = index.ok ? index.get('model') : undefined
  const name = member && parseMember(body, member)
  return typeof name === 'string' ? name : ''
}

/** Answers in the form of the Claude API, with Bedrock's rules, ids and headers. */
export function* answerBedrockMessages(
  { host, name }: BedrockMessagesCall,
  endpoint: MessagesEndpoint,
  { request, head }: { readonly request: EmulatorRequest; readonly head: ReplyHead },
  settings: Settings,
): Steps<Reply> {
  const finish = (reply: Reply): Reply => toCloudReply(reply, { 'x-amzn-requestid': amazonRequestId(head) })
  const reject = (error: ApiError): Reply => finish(errorReply(error, head))
  const authentication = authenticateMessages(request, settings)
  if (!authentication.ok) return reject({ status: 401, message: authentication.error.message })
  const versioned = authenticate(request.headers, null)
  if (!versioned.ok) return reject(versioned.error)
  // The runtime counts by an operation of its own.
  if (host === 'runtime' && endpoint === 'count_tokens') return reject({ status: 404, message: 'Not Found' })
  const body = request.body ?? new Uint8Array()
  const escapeProblem = findEscapeProblem(body)
  if (escapeProblem !== null) return reject({ status: 400, message: describeInvalidJson(escapeProblem) })
  yield
  const found = host === 'mantle' ? findMantleModel(name) : findRuntimeModel(name, settings)
  if (!found.ok) return reject(found.error)
  const tooLarge = findSizeError(body, found.model, 'bedrock')
  if (tooLarge !== null) return reject({ status: 413, message: tooLarge })
  const missingTool = findMissingTool(body, found.model, settings)
  if (missingTool !== null) return reject({ status: 400, message: missingTool })
  yield
  const call = {
    request: { ...request, body: nameModel(body, found.model) },
    apiVersion: versioned.apiVersion,
    key: authentication.key,
    platform: 'bedrock',
    query: getQuery(request.path),
    name: '',
    head,
  } as const
  const answer = endpoint === 'count_tokens' ? countTokens : createMessage
  return finish(useBedrockText(yield* answer(call, withBedrockIds(settings)), found.model, head))
}

type Found = { readonly ok: true; readonly model: Model } | { readonly ok: false; readonly error: ApiError }

function findMantleModel(name: string): Found {
  const found = resolve(name, { platform: 'bedrock' })
  if (found.ok && getMantleName(found.model) === name) return { ok: true, model: found.model }
  return { ok: false, error: { status: 404, message: `model: ${name.slice(0, 256)}` } }
}

function findRuntimeModel(name: string, { servedModels }: Settings): Found {
  const found = findBedrockModel(encodeURIComponent(name), servedModels)
  const error = found.ok ? findOnDemandError(found) : found.error
  if (found.ok && error === null) return { ok: true, model: found.model }
  const status = error?.type === 'ResourceNotFoundException' ? 404 : 400
  return { ok: false, error: { status, message: error?.message ?? '' } }
}

/** Bedrock has no tools that run at the service, so it does not know their types. */
function findMissingTool(body: Uint8Array, model: Model, { servedModels }: Settings): string | null {
  const index = indexBody(body, toolMembers)
  const member = index.ok ? index.get('tools') : undefined
  if (member === undefined) return null
  const { tool_types } = readFacts({ tools: parseMember(body, member) }, {}, { sized: false })
  const findings = check({ tool_types }, model, { platform: 'bedrock', asOf: servedModels.asOf() })
  return findings.find(({ code }) => code === 'tool_type_missing_on_platform')?.message ?? null
}

const toolMembers: ReadonlySet<string> = new Set(['tools'])

function nameModel(body: Uint8Array, { id }: Model): Uint8Array {
  const index = indexBody(body, members)
  const edit = { splice: 'model', kind: 'replace', member: 'model', value: id } as const
  return index.ok && index.get('model') !== undefined ? applySplices(body, index, [edit]) : body
}

/** Quotas and capacity are Bedrock's, with its texts; every other error has the words of the Messages API. */
function useBedrockText(reply: Reply, model: Model, head: ReplyHead): Reply {
  if (reply.status !== 429 && reply.status !== 529) return reply
  const { message } = mapBedrockError(reply.status, parseError(readBody(reply).bytes), model)
  return errorReply({ status: reply.status, message }, head)
}
