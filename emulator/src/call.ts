import type { ApiVersion } from '@anthology/wire'
import type { Platform } from '@anthology/catalog'
import type { EmulatorRequest } from './request.ts'
import type { ReplyHead } from './http/reply.ts'

/** A request that was let in, with what its route caught of the path. */
export interface Call {
  readonly request: EmulatorRequest
  readonly apiVersion: ApiVersion
  /** The key that calls; null: the caller sent none. */
  readonly key: string | null
  /** The body is one request of a message batch. */
  readonly batch?: boolean
  /** Whose rules hold beside those of the model; the Claude API's where nothing is said. */
  readonly platform?: Platform
  readonly query: URLSearchParams
  readonly name: string
  readonly head: ReplyHead
}
