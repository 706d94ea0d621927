import type { IncomingHttpHeaders } from 'node:http'

/** The headers that a call's row keeps, by name. */
export interface StoredHeaders {
  readonly request: Readonly<Record<string, string>>
  readonly response: Readonly<Record<string, string>>
}

/** Headers on their way to a row: name, value, name, value. A name of the table is its place there, because names would be most of the text. */
export type HeaderPairs = readonly (string | number)[]

/** The request headers that are kept, with the length of their values. Credentials, cookies and addresses are not among them. */
const requestHeaders = [
  ['user-agent', 200],
  ['anthropic-version', 40],
  ['anthropic-beta', 300],
  ['x-app', 40],
  ['x-stainless-lang', 40],
  ['x-stainless-package-version', 40],
] as const

/** The response headers that are kept besides those with a prefix. */
const responseHeaders = [
  'retry-after',
  ...['requests', 'tokens', 'input-tokens', 'output-tokens'].flatMap((kind) =>
    ['limit', 'remaining', 'reset'].map((fact) => `anthropic-ratelimit-${kind}-${fact}`),
  ),
]

const responsePrefixes = ['anthropic-ratelimit-', 'x-amzn-bedrock-']

/** Rows contain places in this table, so it grows at its end only. */
const names: readonly string[] = [...requestHeaders.map(([name]) => name), ...responseHeaders]

const responsePlaces: ReadonlyMap<string, number> = new Map(
  responseHeaders.map((name) => [name, names.indexOf(name)]),
)

const maxResponseValue = 100
const maxLength = 1_000

export const noHeaders: HeaderPairs = []

export function pickClientHeaders(headers: IncomingHttpHeaders): HeaderPairs {
  const pairs: (string | number)[] = []
  for (let place = 0; place < requestHeaders.length; place += 1) {
    const [name, max] = requestHeaders[place] ?? requestHeaders[0]
    const value = headers[name]
    if (typeof value === 'string' && value !== '') pairs.push(place, value.slice(0, max))
  }
  return pairs
}

export function pickUpstreamHeaders(headers: Readonly<Record<string, string>>): HeaderPairs {
  const pairs: (string | number)[] = []
  let length = 0
  for (const name in headers) {
    const place = responsePlaces.get(name)
    if (place === undefined && !responsePrefixes.some((prefix) => name.startsWith(prefix))) continue
    const value = (headers[name] ?? '').slice(0, maxResponseValue)
    length += name.length + value.length
    if (length > maxLength) break
    pairs.push(place ?? name, value)
  }
  return pairs
}

/** The headers as JSON, at most 1 KB: the last ones are left out first. Null without any. */
export function encodeHeaders(request: HeaderPairs, response: HeaderPairs): string | null {
  if (request.length === 0 && response.length === 0) return null
  const text = JSON.stringify([request, response])
  if (text.length <= maxLength && !unsafe.test(text)) return text
  const lists = [request.map(removeControls), response.map(removeControls)]
  for (;;) {
    const clean = JSON.stringify(lists)
    const list = lists.findLast(({ length }) => length > 0)
    if (clean.length <= maxLength || list === undefined) return clean
    list.length -= 2
  }
}

/** JSON escapes most control characters with a backslash. */
const unsafe = /[^ -~]|\\/

function removeControls(text: string | number): string | number {
  return typeof text === 'string' ? text.replaceAll(/\p{Cc}+/gu, '') : text
}

/** Reads stored headers; null for another value. */
export function decodeHeaders(value: unknown): StoredHeaders | null {
  if (!Array.isArray(value)) return null
  const [request, response] = value as readonly unknown[]
  return { request: decodePairs(request), response: decodePairs(response) }
}

function decodePairs(list: unknown): Readonly<Record<string, string>> {
  if (!Array.isArray(list)) return {}
  const entries: [string, string][] = []
  for (let at = 0; at + 1 < list.length; at += 2) {
    const [given, value] = list.slice(at, at + 2) as readonly unknown[]
    const name = typeof given === 'number' ? names[given] : given
    if (typeof name === 'string' && typeof value === 'string') entries.push([name, value])
  }
  return Object.fromEntries(entries)
}
