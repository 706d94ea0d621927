import type { Model } from '@anthology/catalog'
import { parseError } from '@anthology/wire'

import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../settings.ts'
import { withMessageIds } from '../cloud/messages-call.ts'
import { bedrockErrorReply } from './reply.ts'
import { mapBedrockError } from './errors.ts'

/** A call on Bedrock's runtime paths that was let in, for a model that is offered there. */
export interface BedrockCall extends Omit<Call, 'apiVersion'> {
  readonly model: Model
  /** The id that the path names, decoded. */
  readonly modelId: string
  readonly isProfile: boolean
}

/** Ids begin as Bedrock's do (public issue reports). */
export function withBedrockIds(settings: Settings): Settings {
  return withMessageIds(settings, 'msg_bdrk_')
}

/** An error of the Messages endpoint in the shape and the words of Bedrock. */
export function translateError(reply: Reply, { head, model }: BedrockCall): Reply {
  const error = parseError(readBody(reply).bytes)
  return bedrockErrorReply(mapBedrockError(reply.status, error, model), head)
}

/** How long an answer takes to be spoken, in milliseconds. */
export function computePacedMs(tokens: number, { tokensPerSecond }: Settings): number {
  return tokensPerSecond > 0 ? Math.round((tokens * 1_000) / tokensPerSecond) : 0
}
