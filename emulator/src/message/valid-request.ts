import type { MessagesRequest } from '@anthology/wire'
import type { ApiVersion } from '@anthology/wire'
import type { Model } from '@anthology/catalog'
import type { Prompt } from './prompt.ts'
import type { DroppedThinking } from '../thinking/verification.ts'

/** A body that the API would take, with the model it is for and the prompt it makes. */
export interface ValidRequest {
  readonly ok: true
  readonly request: MessagesRequest
  readonly model: Model
  readonly prompt: Prompt
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
  /** The key that calls; null: the caller sent none. */
  readonly key: string | null
  /** The body is one request of a message batch. */
  readonly batch: boolean
  /** The day whose facts hold for this model. */
  readonly day: string
  /** Thinking that came back and that the model does not get to see. */
  readonly droppedThinking: readonly DroppedThinking[]
  readonly notices: readonly string[]
}
