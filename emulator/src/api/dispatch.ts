import { findCharsetProblem } from '@anthology/wire'

import type { Call } from '../call.ts'
import { allowOrigin, answerBrowser } from '../http/cors.ts'
import { errorReply } from '../http/reply.ts'
import type { Reply, ReplyHead } from '../http/reply.ts'
import { createMessage } from '../message/create-message.ts'
import { isSignedByCredentials } from '../protocols/bedrock/authenticate.ts'
import { answerBedrock, rejectOperation } from '../protocols/bedrock/bedrock.ts'
import { bedrockErrorReply } from '../protocols/bedrock/reply.ts'
import { answerBedrockMessages, readBedrockMessages } from '../protocols/bedrock/messages.ts'
import { answerFoundry, isFoundryPath } from '../protocols/foundry/foundry.ts'
import { answerOpenAi, rejectOpenAi } from '../protocols/openai/openai.ts'
import { answerVertex, rejectVertexMethod, rejectVertexRequest } from '../protocols/vertex/vertex.ts'
import type { EmulatorRequest } from '../request.ts'
import type { Settings } from '../settings.ts'
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
import { getQuery, matchRoute } from './route.ts'
import type { MessagesEndpoint, Route } from './route.ts'

/** Answers a request of any protocol: matches its route once and hands it to that protocol. */
export function dispatch(request: EmulatorRequest, settings: Settings): Reply {
  const { ids } = settings
  const head = {
    requestId: ids.nextRequestId(),
    organizationId: ids.organizationId,
    notices: [],
  }
  const reply = answerBrowser(request, head) ?? answerValid(request, head, settings)
  return allowOrigin(request, reply)
}

/** A malformed request gets an error in the format of its protocol. */
function answerValid(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply {
  const route = matchRoute(request)
  const message = request.problem ?? findCharsetProblem(request.headers['content-type'])
  if (message === null) return answerRoute(route, request, head, settings)
  switch (route.kind) {
    case 'messages':
      return errorReply({ status: 400, message }, head)
    case 'openai':
      return rejectOpenAi({ status: 400, message }, head)
    case 'bedrock':
      return bedrockErrorReply({ type: 'ValidationException', message }, head)
    case 'vertex':
      return rejectVertexRequest(route.path, message)
    case 'not_found':
    case 'wrong_method':
      return answerRoute(route, request, head, settings)
  }
}

function answerRoute(route: Route, request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply {
  switch (route.kind) {
    case 'messages':
      return answerMessages(route, request, head, settings)
    case 'openai':
      return answerOpenAi(route, request, head, settings)
    case 'bedrock':
      return answerBedrock(route.path, request, head, settings)
    case 'vertex':
      return answerVertex(route.path, request, head, settings)
    case 'not_found':
      return route.protocol === 'bedrock' ? rejectOperation(head) : errorReply(notFound, head)
    case 'wrong_method':
      switch (route.protocol) {
        case 'messages':
          return errorReply(methodNotAllowed, head)
        case 'openai':
          return rejectOpenAi(methodNotAllowed, head)
        case 'bedrock':
          return rejectOperation(head)
        case 'vertex':
          return rejectVertexMethod(route.path)
      }
  }
}

const notFound = { status: 404, message: 'Not Found' } as const
const methodNotAllowed = { status: 405, message: 'Method Not Allowed' } as const

const handlers: Readonly<Record<MessagesEndpoint, (call: Call, settings: Settings) => Reply>> = {
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

function answerMessages(
  { endpoint, name }: Extract<Route, { kind: 'messages' }>,
  request: EmulatorRequest,
  head: ReplyHead,
  given: Settings,
): Reply {
  if (endpoint === 'create_message' || endpoint === 'count_tokens') {
    const ofBedrock = readBedrockMessages(request)
    if (ofBedrock !== null) return answerBedrockMessages(ofBedrock, endpoint, { request, head }, given)
  }
  const isSigned = isSignedByCredentials(request, given)
  if (isFoundryPath(request.path) && !isSigned) return answerFoundry(endpoint, { request, head }, given)
  // A signature replaces a key.
  const settings = isSigned ? { ...given, keys: null } : given
  const authentication = authenticate(request.headers, settings.keys)
  if (!authentication.ok) return errorReply(authentication.error, head)
  const { apiVersion, key } = authentication
  const query = getQuery(request.path)
  return handlers[endpoint]({ request, apiVersion, key, query, name, head }, settings)
}
