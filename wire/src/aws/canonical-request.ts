/** A request exactly as received; nothing in it may be decoded or reordered. */
export interface SignedRequest {
  readonly method: string
  /** Raw path and query, including every prefix. */
  readonly target: string
  /** Lower-case names, including `:authority` for HTTP/2. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
}

/**
 * The canonical request of AWS Signature Version 4 without its last line, the hash of the body: "Create a
 * signed AWS API request" of the IAM guide. Outside S3, each segment of the received path is encoded once
 * more, so that `%3A` becomes `%253A` and a bare `:` becomes `%3A`.
 */
export function canonicalHead(request: SignedRequest, signedHeaders: readonly string[]): string {
  const mark = request.target.indexOf('?')
  const path = mark < 0 ? request.target : request.target.slice(0, mark)
  const query = mark < 0 ? '' : request.target.slice(mark + 1)
  let lines = ''
  for (const name of signedHeaders) lines += `${name}:${canonicalValue(signedValue(request, name) ?? '')}\n`
  const encoded = isPlain(path) ? path : path.split('/').map(encode).join('/')
  const method = request.method.toUpperCase()
  return `${method}\n${encoded}\n${canonicalQuery(query)}\n${lines}\n${signedHeaders.join(';')}\n`
}

/** The value of a signed header. `host` and `:authority` are equivalent. */
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
  if (!value.includes(' ') && !value.includes('\t')) return value
  return value.replace(/[ \t]+/g, ' ').replace(/^ | $/g, '')
}

/** Decodes, re-encodes and sorts: clients send `%2F` or `/`, and any order. */
function canonicalQuery(query: string): string {
  if (query === '') return ''
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

/**
 * A text that cannot be decoded is used unchanged: the signature will not match, but no input may cause an
 * exception.
 */
function encodeAnew(text: string): string {
  try {
    return encode(decodeURIComponent(text))
  } catch {
    return encode(text)
  }
}

/** A path that encoding leaves as it is. */
function isPlain(path: string): boolean {
  return /^[\w.~/-]*$/.test(path)
}

/**
 * RFC 3986: encodes everything except letters, digits and `-._~`. A text from the wire has no lone
 * surrogates, for which the engine would throw.
 */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
