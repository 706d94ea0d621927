import { getCreatedAt } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { chatModel } from '@anthology/wire'
import type { ChatModel } from '@anthology/wire'

import { findNamedModel, listedModels, toUnknownModelError } from '../../api/served-models.ts'
import { jsonReply, errorReply } from '../../http/reply.ts'
import type { Reply } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import { chatJsonReply, translateErrorReply } from './chat-reply.ts'

/** Lists all models at once, because OpenAI's list has no pages. */
export function listChatModels({ head }: Call, { servedModels }: Settings): Reply {
  const list = { object: 'list', data: listedModels(servedModels, null).map(describe) }
  return chatJsonReply(jsonReply(null, head), list)
}

export function retrieveChatModel({ name, head }: Call, { servedModels }: Settings): Reply {
  const named = findNamedModel(name, servedModels)
  if (!named.ok) return translateErrorReply(errorReply(toUnknownModelError(name, named.hint), head))
  return chatJsonReply(jsonReply(null, head), describe(named.model))
}

function describe(model: Model): ChatModel {
  return chatModel(model.id, getCreatedAt(model))
}
