/** A request that the load repeats. */
export interface LoadRequest {
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body of each call, if they differ from `body`; HTTP/1.1 only. */
  readonly nextBody?: () => Buffer
  /** Over one HTTP/2 connection without TLS and without an upgrade; otherwise over HTTP/1.1. */
  readonly overHttp2: boolean
}
