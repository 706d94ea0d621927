/** A request as it stood on the wire; nothing in it may have been decoded or put in order. */
export interface SignedRequest {
  readonly method: string
  /** Raw path and query, including every prefix. */
  readonly target: string
  /** Lower-case names, `:authority` among them over HTTP/2. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * The canonical request of AWS Signature Version 4 but for its last line, the hash of the body: "Create a signed AWS API
 * request" of the IAM guide. Outside S3 each segment of the path that stands on the wire is encoded once more, so that
 * `%3A` becomes `%253A` and a bare `:` becomes `%3A`.
 */
export function canonicalHead(request: SignedRequest, signedHeaders: readonly string[]): string {
  const mark = request.target.indexOf('?')
  const path = mark < 0 ? request.target : request.target.slice(0, mark)
  const query = mark < 0 ? '' : request.target.slice(mark + 1)
  const lines = signedHeaders.map((name) => `${name}:${canonicalValue(signedValue(request, name) ?? '')}\n`)
  return [
    request.method.toUpperCase(),
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    lines.join(''),
    signedHeaders.join(';'),
    '',
  ].join('\n')
}

/** The value of a header that was signed. `host` and `:authority` are two spellings of one thing. */
export function signedValue({ headers }: SignedRequest, name: string): string | undefined {
  const found = ownValue(headers, name)
  if (found !== undefined) return found
  if (name === 'host') return ownValue(headers, ':authority')
  return name === ':authority' ? ownValue(headers, 'host') : undefined
}

function ownValue(headers: SignedRequest['headers'], name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof value === 'string' || value === undefined ? value : value.join(',')
}

function canonicalValue(value: string): string {
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')
}

/** Decoded, encoded anew and in order: clients write `%2F` or `/`, and in any order. */
function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const equals = pair.indexOf('=')
      const [name, value] = equals < 0 ? [pair, ''] : [pair.slice(0, equals), pair.slice(equals + 1)]
      return [encodeAnew(name), encodeAnew(value)] as const
    })
  pairs.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** What cannot be decoded is taken as it is: such a signature will not be right, and no text may throw. */
function encodeAnew(text: string): string {
  try {
    return encode(decodeURIComponent(text))
  } catch {
    return encode(text)
  }
}

/** RFC 3986: all but letters, digits and `-._~`. A text from the wire has no lone surrogates, at which the engine throws. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
