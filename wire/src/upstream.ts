/**
 * The seam between the gateway and whatever answers a call.
 *
 * An HTTP upstream and the in-process emulator both implement `send`; no stream
 * object is made per call, because at a thousand short calls a second the
 * stream objects of a proxy cost more than everything else it does.
 */
export interface Upstream {
  send(request: UpstreamRequest, receiver: Receiver): UpstreamHandle
  /** Like `send`, for a body that is too large to be held or copied. Where it is missing, the body comes whole through `send`. */
  upload?(request: UploadRequest, receiver: Receiver): UpstreamHandle
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query as the platform knows them, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** Lower-case names. A header that was sent several times is joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

/**
 * The body is taken as the upstream takes it; where it throws, the request ends and the receiver hears of it.
 * A list is all of it, and its length is announced.
 */
export interface UploadRequest extends Omit<UpstreamRequest, 'body'> {
  readonly body: AsyncIterable<Uint8Array> | readonly Uint8Array[]
}

/** Called in order: `head` once, `chunk` any number of times, then `end` or `fail` once and nothing after. */
export interface Receiver {
  head(status: number, headers: Readonly<Record<string, string>>): void
  /** Returning false asks the upstream to pause until `resume()`. The bytes may be kept. */
  chunk(bytes: Uint8Array): boolean
  end(): void
  fail(error: Error): void
}

export interface UpstreamHandle {
  resume(): void
  /** Stops the exchange; the receiver hears nothing afterwards. */
  abort(): void
}
