/**
 * The interface between the gateway and an upstream.
 *
 * An HTTP upstream and the in-process emulator both implement `send`. No stream object is created per call,
 * because at a thousand short calls a second the stream objects of a proxy cost more than everything else it
 * does.
 */
export interface Upstream {
  send(request: UpstreamRequest, receiver: Receiver): UpstreamHandle
  /**
   * Like `send`, for a body that is too large to be buffered or copied. An upstream without it receives the
   * whole body through `send`.
   */
  upload?(request: UploadRequest, receiver: Receiver): UpstreamHandle
}

export interface UpstreamRequest {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** Path and query in the platform's form, such as `/v1/messages?beta=true`. */
  readonly path: string
  /** Lower-case names. The values of a repeated header are joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** Send it on a connection that has carried no request before. */
  readonly onNewConnection?: boolean
  /** Names who the request is for, where a platform can split its bill by that; never sent as it is. */
  readonly sessionName?: string
}

/**
 * The upstream pulls the body as it sends it. If the iteration throws, the request is aborted and the
 * receiver's `fail` is called. A list is the complete body, so its length is sent.
 */
export interface UploadRequest extends Omit<UpstreamRequest, 'body'> {
  readonly body: AsyncIterable<Uint8Array> | readonly Uint8Array[]
}

/** Called in order: `head` once, `chunk` any number of times, then `end` or `fail` once, and nothing after. */
export interface Receiver {
  head(status: number, headers: Readonly<Record<string, string>>): void
  /** Returns false to pause the upstream until `resume()`. The receiver may keep the bytes. */
  chunk(bytes: Uint8Array): boolean
  end(): void
  fail(error: Error): void
}

export interface UpstreamHandle {
  resume(): void
  /** Aborts the exchange; the receiver is not called again. */
  abort(): void
}
