/** A request as it is sent again and again. */
export interface LoadRequest {
  readonly url: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** The body of each call where they are not all `body`; over HTTP/1.1. */
  readonly nextBody?: () => Buffer
  /** Over one connection of HTTP/2 without TLS, begun without an upgrade; else over HTTP/1.1. */
  readonly overHttp2: boolean
}
