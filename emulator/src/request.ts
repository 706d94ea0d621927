import type { UpstreamRequest } from '@anthology/wire'

/** A request with any method; methods outside the API get a 405. */
export interface EmulatorRequest extends Omit<UpstreamRequest, 'method'> {
  readonly method: string
  /** The origin of the request URL, such as `http://127.0.0.1:7272`; URLs in responses start with it. Default from the `host` header. */
  readonly origin?: string
}
