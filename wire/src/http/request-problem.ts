/** The head of a request as an HTTP server received it. */
export interface ReceivedHead {
  /** `1.0`, `1.1` or `2.0`. HTTP/1 in text can name any version. */
  readonly httpVersion: string
  readonly isHttp2: boolean
  /** Alternating names and values, as sent. */
  readonly rawHeaders: readonly string[]
}

/**
 * Finds what is malformed in a request's head. A server in front may understand such a request differently: it may have
 * checked another host, or may see the end of the body elsewhere.
 */
export function findHeadProblem({ httpVersion, isHttp2, rawHeaders }: ReceivedHead): string | null {
  if (!isHttp2 && httpVersion !== '1.1' && httpVersion !== '1.0')
    return `HTTP/${httpVersion} is not a version of this protocol; use HTTP/1.1`
  const hosts: string[] = []
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase()
    const value = rawHeaders[at + 1] ?? ''
    if (name === 'host' || name === ':authority') hosts.push(value)
    else if (name === 'transfer-encoding' && (httpVersion !== '1.1' || !chunked.test(value)))
      return `transfer-encoding: must be chunked, in HTTP/1.1, got '${value.slice(0, 40)}'`
    // RFC 9112, 7.4: a client must not send it, because it is always acceptable.
    else if (name === 'te' && /(?:^|,)\s*chunked\b/i.test(value)) return 'te: must not contain chunked'
  }
  const [host, ...others] = hosts
  // In HTTP/2 the header may repeat `:authority` (RFC 9113, 8.3.1).
  const allowed = isHttp2 ? 1 : 0
  return others.length > allowed || others.some((other) => other.toLowerCase() !== host?.toLowerCase())
    ? 'host: must be sent once'
    : null
}

const chunked = /^\s*chunked\s*$/i

/** The error for a JSON body in another charset: JSON is UTF-8 (RFC 8259, 8.1), of which ASCII is a part. */
export function findCharsetProblem(contentType: string | undefined): string | null {
  const found = /;\s*charset\s*=\s*"?([^";]*)/i.exec(contentType ?? '')
  const charset = found?.[1]?.trim() ?? 'utf-8'
  if (/^(?:utf-?8|us-ascii)$/i.test(charset) || /^\s*multipart\//i.test(contentType ?? '')) return null
  return `content-type: charset must be utf-8, got '${charset.slice(0, 40)}'`
}
