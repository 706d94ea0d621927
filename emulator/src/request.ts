import type { UpstreamRequest } from '@anthology/wire'

/** A request with any method; methods outside the API get a 405. */
export interface EmulatorRequest extends Omit<UpstreamRequest, 'method'> {
  readonly method: string
  /** The origin for URLs in responses, such as `http://127.0.0.1:7272`; default from the `host` header. */
  readonly origin?: string
  /** What the server found malformed in the request's head; null or absent if nothing. */
  readonly problem?: string | null
}
