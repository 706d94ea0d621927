import type { Model } from '@anthology/catalog'
import { parseError } from '@anthology/wire'

import type { Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import { withMessageIds } from '../cloud/messages-call.ts'
import { bedrockErrorReply } from './reply.ts'
import { mapBedrockError } from './errors.ts'

/** An authenticated call on Bedrock's runtime paths, for a model that Bedrock offers. */
export interface BedrockCall extends Omit<Call, 'apiVersion'> {
  readonly model: Model
  /** The decoded model id of the path. */
  readonly modelId: string
  readonly isProfile: boolean
  /** Notices about the model id. */
  readonly notices: readonly string[]
}

/** Message ids get Bedrock's prefix (public issue reports). */
export function withBedrockIds(settings: Settings): Settings {
  return withMessageIds(settings, 'msg_bdrk_')
}

/** Converts a Messages error to the shape and the text of Bedrock. */
export function translateError(reply: Reply, { head, model }: BedrockCall): Reply {
  const error = parseError(readBody(reply).bytes)
  return bedrockErrorReply(mapBedrockError(reply.status, error, model), head)
}

/** Returns the time to send an answer at the emulator's pace. */
export function computePacedMs(tokens: number, { tokensPerSecond }: Settings): number {
  return tokensPerSecond > 0 ? Math.round((tokens * 1_000) / tokensPerSecond) : 0
}
