import { getErrorType } from '@anthology/wire'

import { authenticate } from '../../api/authenticate.ts'
import { getQuery } from '../../api/route.ts'
import type { OpenAiEndpoint, Route } from '../../api/route.ts'
import type { EmulatorRequest } from '../../request.ts'
import { errorReply } from '../../http/reply.ts'
import type { ApiError, Reply, ReplyHead } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { completeChat } from './chat.ts'
import { listChatModels, retrieveChatModel } from './chat-models.ts'
import { chatErrorReply } from './chat-reply.ts'

/** Answers a call of an OpenAI client. */
export function* answerOpenAi(
  { endpoint, name }: Extract<Route, { kind: 'openai' }>,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  const headers = { ...request.headers, 'anthropic-version': apiVersion }
  const authentication = authenticate(headers, settings.keys)
  if (!authentication.ok) return rejectOpenAi(authentication.error, head)
  const query = getQuery(request.path)
  const call = { ...authentication, request: { ...request, headers }, query, name, head }
  if (endpoint === 'create_chat_completion') return yield* completeChat(call, settings)
  return handlers[endpoint](call, settings)
}

/** An error in the shape of OpenAI's API. */
export function rejectOpenAi(error: ApiError, head: ReplyHead): Reply {
  return chatErrorReply(errorReply(error, head), getErrorType(error.status), error.message)
}

/** The version of the Messages API that translated calls use. */
const apiVersion = '2023-06-01'

type ModelsEndpoint = Exclude<OpenAiEndpoint, 'create_chat_completion'>

const handlers: Readonly<Record<ModelsEndpoint, (call: Call, settings: Settings) => Reply>> = {
  list_models: listChatModels,
  retrieve_model: retrieveChatModel,
}
