import type { MessagesRequest } from '@anthology/wire'
import type { ApiVersion } from '@anthology/wire'
import type { Model } from '@anthology/catalog'
import type { Prompt } from './prompt.ts'
import type { DroppedThinking } from '../thinking/verification.ts'

/** A request that passed validation, with its model and its prompt. */
export interface ValidRequest {
  readonly ok: true
  readonly request: MessagesRequest
  readonly model: Model
  readonly prompt: Prompt
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
  /** The caller's key; null: the request had none. */
  readonly key: string | null
  /** The body is one request of a message batch. */
  readonly batch: boolean
  /** The day whose facts apply to this model. */
  readonly day: string
  /** Returned thinking that the model does not read. */
  readonly droppedThinking: readonly DroppedThinking[]
  readonly notices: readonly string[]
}
