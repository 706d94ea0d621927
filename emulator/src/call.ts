import type { ApiVersion } from '@anthology/wire'
import type { FoundryHosting, Platform } from '@anthology/catalog'
import type { EmulatorRequest } from './request.ts'
import type { ReplyHead } from './http/reply.ts'

/** An authenticated request, with the name that its path contains. */
export interface Call {
  readonly request: EmulatorRequest
  readonly apiVersion: ApiVersion
  /** The caller's key; null: the request had none. */
  readonly key: string | null
  /** The body is one request of a message batch. */
  readonly batch?: boolean
  /** The platform whose rules apply in addition to the model's; default `anthropic`. */
  readonly platform?: Platform
  /** The host of the deployment of Foundry. */
  readonly hosting?: FoundryHosting
  /** The cloud's name of the model requests the window of a million tokens. */
  readonly window?: '1m' | undefined
  readonly query: URLSearchParams
  readonly name: string
  readonly head: ReplyHead
}
