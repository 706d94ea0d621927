import { decodeBase64, isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { CassetteError } from '../cassette.ts'
import { createCassetteStore } from '../files/cassette-store.ts'
import type { CassetteStore } from '../files/cassette-store.ts'
import { recordExchange } from '../record/record-exchange.ts'
import type { CapturedExchange } from '../record/record-exchange.ts'
import { createRedactor } from '../redaction/redactor.ts'
import type { RedactionOptions } from '../redaction/redactor.ts'
import { listItems } from '../requests/conversation.ts'
import { findEndpoint, unknownEndpoint } from '../requests/endpoint.ts'

export interface HarOptions extends RedactionOptions {
  /** Receives one line about each call of the API that cannot be imported. */
  readonly warn?: (message: string) => void
}

/**
 * Reads the calls of the Messages API, Bedrock, Vertex AI and OpenAI from a HAR file (HTTP Archive 1.2), as browsers and
 * proxies save it. All other entries are skipped. Throws a CassetteError if the text is no HAR, or has no such call.
 */
export function readHar(text: string, file: string, options: HarOptions = {}): CassetteStore {
  const { warn = () => {} } = options
  createRedactor([], options.patterns)
  const read = parseJson(text)
  if (read === undefined) throw new CassetteError(`${file}: this is no HAR file: it is not valid JSON`)
  const entries = readRecord(read, 'log')?.['entries']
  if (!Array.isArray(entries)) throw new CassetteError(`${file}: this is no HAR file: it has no log.entries`)
  const store = createCassetteStore()
  for (const [index, entry] of entries.entries()) {
    const call = readCall(entry)
    if (call === null) continue
    const result = call.ok ? recordExchange(call.captured, options) : call
    if (result.ok) store.add({ ...result, order: store.takeOrder(), replaces: false })
    else warn(`${file}: entry ${index + 1} was not imported: ${result.because}`)
  }
  if (store.list().length === 0) throw new CassetteError(`${file}: the file has no complete call of an API`)
  return store
}

type HarCall =
  | { readonly ok: true; readonly captured: CapturedExchange }
  | { readonly ok: false; readonly because: string }

/** Null for an entry that is no call of an API, such as a page or an image. */
function readCall(entry: unknown): HarCall | null {
  const sent = readRecord(entry, 'request')
  const url = parseUrl(readText(sent, 'url'))
  const method = readText(sent, 'method')
  if (sent === null || url === null || (method !== 'GET' && method !== 'POST' && method !== 'DELETE'))
    return null
  const body = readText(readRecord(sent, 'postData'), 'text')
  const request = {
    method,
    path: url.pathname + url.search,
    headers: readHeaders(sent['headers']),
    body: body === null ? null : new TextEncoder().encode(body),
  } as const
  const { name, form } = findEndpoint(request)
  // The paths of other endpoints are too short to be distinguished from those of other sites.
  if (name === unknownEndpoint || form === null) return null
  const got = readRecord(entry, 'response')
  const status = Number(got?.['status'])
  if (!(status >= 200 && status <= 599)) return { ok: false, because: 'it has no response' }
  const bytes = readContent(readRecord(got, 'content'))
  if (bytes === null) return { ok: false, because: 'the file does not contain its response body' }
  // The content is decoded already.
  const { 'content-encoding': _encoding, ...headers } = readHeaders(got?.['headers'])
  const arrivals = [{ endByte: bytes.length, atMs: readDurationMs(entry) }]
  return {
    ok: true,
    captured: { request, sentMs: readTime(entry), response: { status, headers, bytes, arrivals } },
  }
}

function parseUrl(text: string | null): URL | null {
  return text !== null && URL.canParse(text) ? new URL(text) : null
}

function readHeaders(list: unknown): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  for (const header of listItems(list)) {
    const name = readText(header, 'name')?.toLowerCase()
    const value = readText(header, 'value')
    if (name === undefined || value === null || name.startsWith(':')) continue
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}

function readContent(content: ReturnType<typeof readRecord>): Uint8Array | null {
  const text = readText(content, 'text')
  if (text === null) return null
  return readText(content, 'encoding') === 'base64' ? decodeBase64(text) : new TextEncoder().encode(text)
}

function readTime(entry: unknown): number {
  const time = Date.parse(readText(entry, 'startedDateTime') ?? '')
  return Number.isNaN(time) ? 0 : time
}

function readDurationMs(entry: unknown): number {
  const time = Number(isRecord(entry) ? entry['time'] : 0)
  return Number.isFinite(time) && time > 0 ? Math.round(time) : 0
}
