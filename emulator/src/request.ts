import type { UpstreamRequest } from '@anthology/wire'

/** Any method is answered, the ones that are not part of the API with a 405. */
export interface EmulatorRequest extends Omit<UpstreamRequest, 'method'> {
  readonly method: string
  /** Where it was sent, such as `http://127.0.0.1:7272`: addresses in answers begin with it. Default by the `host` header. */
  readonly origin?: string
}
