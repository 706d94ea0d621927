import { findCharsetProblem } from '@anthology/wire'

import type { Call } from '../call.ts'
import { applyFault } from '../faults/apply-fault.ts'
import { chooseFault, createsMessage } from '../faults/choose-fault.ts'
import { getStreamForm } from '../faults/event-frames.ts'
import { findFailure } from '../faults/fault-failure.ts'
import { createFailureReply } from '../faults/fault-reply.ts'
import { allowOrigin, answerBrowser } from '../http/cors.ts'
import { errorReply } from '../http/reply.ts'
import type { Reply, ReplyHead } from '../http/reply.ts'
import { createMessage } from '../message/create-message.ts'
import { isSignedByCredentials } from '../protocols/bedrock/authenticate.ts'
import { answerBedrock, rejectOperation } from '../protocols/bedrock/bedrock.ts'
import { answerBedrockMessages, readBedrockMessages } from '../protocols/bedrock/messages.ts'
import { answerFoundry, isFoundryPath } from '../protocols/foundry/foundry.ts'
import { answerOpenAi, rejectOpenAi } from '../protocols/openai/openai.ts'
import { answerVertex, rejectVertexMethod, rejectVertexRequest } from '../protocols/vertex/vertex.ts'
import type { EmulatorRequest } from '../request.ts'
import { openExchange } from '../scenario/exchange.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Settings } from '../options/settings.ts'
import type { Steps } from '../steps.ts'
import { authenticate } from './authenticate.ts'
import {
  batchResults,
  cancelBatch,
  createBatch,
  deleteBatch,
  listBatches,
  retrieveBatch,
} from './batches/endpoints.ts'
import { countTokens } from './count-tokens.ts'
import { deleteFile, downloadFile, listFiles, retrieveFile, uploadFile } from './files/endpoints.ts'
import { listModels, retrieveModel } from './models.ts'
import { createErrorReply } from './error-reply.ts'
import { createHead } from './head.ts'
import { getQuery, matchRoute } from './route.ts'
import type { MessagesEndpoint, Route } from './route.ts'

/** A reply, and what the scenario and the faults decided about its request. */
export interface Dispatched {
  readonly reply: Reply
  readonly exchange: Exchange
}

/** Answers a request of any protocol: matches its route once and hands it to that protocol. */
export function* dispatch(request: EmulatorRequest, settings: Settings): Steps<Dispatched> {
  const route = matchRoute(request)
  const exchange = openExchange(request, route)
  const head = createHead(exchange, settings)
  const reply = answerBrowser(request, head) ?? (yield* answerScripted(route, request, head, settings))
  return { reply: allowOrigin(request, reply), exchange }
}

/** Answers a request, or fails it where a fault says so: one for this request, or one of the scenario. */
function* answerScripted(
  route: Route,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  const { exchange } = head
  const chosen = chooseFault(route, exchange, settings.script)
  if (!chosen.ok) return createErrorReply(route, chosen.error, head)
  exchange.fault = chosen.fault
  // Whether a call for a message wants a stream is known when its body has been read.
  exchange.failure = chosen.fault && findFailure(chosen.fault, createsMessage(route))
  const reply =
    createFailureReply(route, head, settings) ?? (yield* answerValid(route, request, head, settings))
  // A rule of the scenario that looks at the message has set the fault by now.
  const { fault } = exchange
  return fault === null ? reply : applyFault(createFailureReply(route, head, settings) ?? reply, fault, route)
}

/** A malformed request gets an error in the format of its protocol. */
function* answerValid(
  route: Route,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  const message = request.problem ?? findCharsetProblem(request.headers['content-type'])
  if (message === null)
    return (
      answerRecorded(route, request, head, settings) ?? (yield* answerRoute(route, request, head, settings))
    )
  switch (route.kind) {
    case 'vertex':
      return rejectVertexRequest(route.path, message)
    case 'not_found':
    case 'wrong_method':
      return yield* answerRoute(route, request, head, settings)
    case 'messages':
    case 'openai':
    case 'bedrock':
      return createErrorReply(route, { status: 400, message }, head)
  }
}

/** Answers from the recordings, or with the error of a miss; null: there are none, or the path is unknown to the emulator. */
function answerRecorded(
  route: Route,
  request: EmulatorRequest,
  head: ReplyHead,
  { replay }: Settings,
): Reply | null {
  if (replay === null) return null
  const answer = replay.answer(request, head)
  if (answer.ok) {
    const { fault, failure } = head.exchange
    // A recording states whether the call wanted a stream.
    if (fault !== null && failure === null && getStreamForm(answer.reply) === null)
      head.exchange.failure = findFailure(fault, false)
    return answer.reply
  }
  if (route.kind === 'not_found' || route.kind === 'wrong_method') return null
  head.exchange.isUnmatched = true
  const reply = createErrorReply(route, { status: 400, message: answer.message }, head)
  return { ...reply, headers: { ...reply.headers, 'x-should-retry': 'false' } }
}

function* answerRoute(
  route: Route,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  switch (route.kind) {
    case 'messages':
      return yield* answerMessages(route, request, head, settings)
    case 'openai':
      return yield* answerOpenAi(route, request, head, settings)
    case 'bedrock':
      return yield* answerBedrock(route.path, request, head, settings)
    case 'vertex':
      return yield* answerVertex(route.path, request, head, settings)
    case 'not_found':
      return route.protocol === 'bedrock' ? rejectOperation(head) : errorReply(notFound, head)
    case 'wrong_method':
      switch (route.protocol) {
        case 'messages':
          return allowMethods(errorReply(methodNotAllowed, head), route.allow)
        case 'openai':
          return allowMethods(rejectOpenAi(methodNotAllowed, head), route.allow)
        case 'bedrock':
          return rejectOperation(head)
        case 'vertex':
          return rejectVertexMethod(route.path)
      }
  }
}

function allowMethods(reply: Reply, allow: string): Reply {
  return { ...reply, headers: { ...reply.headers, allow } }
}

const notFound = { status: 404, message: 'Not Found' } as const
const methodNotAllowed = { status: 405, message: 'Method Not Allowed' } as const

type Answer = Reply | Steps<Reply>

const handlers: Readonly<Record<MessagesEndpoint, (call: Call, settings: Settings) => Answer>> = {
  create_message: createMessage,
  count_tokens: countTokens,
  list_models: listModels,
  retrieve_model: retrieveModel,
  create_batch: createBatch,
  list_batches: listBatches,
  retrieve_batch: retrieveBatch,
  delete_batch: deleteBatch,
  cancel_batch: cancelBatch,
  batch_results: batchResults,
  upload_file: uploadFile,
  list_files: listFiles,
  retrieve_file: retrieveFile,
  delete_file: deleteFile,
  download_file: downloadFile,
}

function* answerMessages(
  route: Extract<Route, { kind: 'messages' }>,
  request: EmulatorRequest,
  head: ReplyHead,
  given: Settings,
): Steps<Reply> {
  const { endpoint, name } = route
  if (endpoint === 'create_message' || endpoint === 'count_tokens') {
    const ofBedrock = readBedrockMessages(request)
    if (ofBedrock !== null) {
      head.exchange.platform = 'bedrock'
      return yield* answerBedrockMessages(ofBedrock, endpoint, { request, head }, given)
    }
  }
  const isSigned = isSignedByCredentials(request, given)
  if (isFoundryPath(request.path) && !isSigned) {
    head.exchange.platform = 'foundry'
    return yield* answerFoundry(route, { request, head }, given)
  }
  // A signature replaces a key.
  const settings = isSigned ? { ...given, keys: null } : given
  const authentication = authenticate(request.headers, settings.keys)
  if (!authentication.ok) return errorReply(authentication.error, head)
  const { apiVersion, key } = authentication
  const query = getQuery(request.path)
  const answer = handlers[endpoint]({ request, apiVersion, key, query, name, head }, settings)
  return 'next' in answer ? yield* answer : answer
}
