import { getErrorType } from '@anthology/wire'

import { authenticate } from '../../api/authenticate.ts'
import type { EmulatorRequest } from '../../request.ts'
import { errorReply } from '../../http/reply.ts'
import type { ApiError, Reply, ReplyHead } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../settings.ts'
import { completeChat } from './chat.ts'
import { listChatModels, retrieveChatModel } from './chat-models.ts'
import { chatErrorReply } from './chat-reply.ts'

/** Null where the call is not one of an OpenAI client, which sends no `anthropic-version`. */
export function answerOpenAi(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply | null {
  const [path = '', query = ''] = request.path.split('?', 2)
  const isMessagesClient = request.headers['anthropic-version'] !== undefined
  const route = routes.find((each) => each.path.test(path) && !(each.isShared && isMessagesClient))
  if (!route) return null
  if (request.method !== route.method) return reject({ status: 405, message: 'Method Not Allowed' }, head)
  const headers = { ...request.headers, 'anthropic-version': apiVersion }
  const authentication = authenticate(headers, settings.keys)
  if (!authentication.ok) return reject(authentication.error, head)
  const name = route.path.exec(path)?.[1] ?? ''
  return route.handle(
    { ...authentication, request: { ...request, headers }, query: new URLSearchParams(query), name, head },
    settings,
  )
}

/** The version whose Messages API the translated calls go to. */
const apiVersion = '2023-06-01'

interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: RegExp
  /** The Messages API has an endpoint of the same path. */
  readonly isShared: boolean
  readonly handle: (call: Call, settings: Settings) => Reply
}

const routes: readonly Route[] = [
  { method: 'POST', path: /\/v1\/chat\/completions$/, isShared: false, handle: completeChat },
  { method: 'GET', path: /\/v1\/models$/, isShared: true, handle: listChatModels },
  { method: 'GET', path: /\/v1\/models\/([^/]+)$/, isShared: true, handle: retrieveChatModel },
]

function reject(error: ApiError, head: ReplyHead): Reply {
  return chatErrorReply(errorReply(error, head), getErrorType(error.status), error.message)
}
