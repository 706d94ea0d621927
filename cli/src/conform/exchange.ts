import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { request as requestHttps } from 'node:https'
import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib'

import { signRequest } from './signature.ts'

/** A request of a check. */
export interface Outgoing {
  readonly method?: 'GET' | 'POST' | 'HEAD'
  /** After the base URL. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
  /** HTTP/2, as AWS clients speak it: in clear text without an upgrade. */
  readonly http2?: boolean
  /** Signs the request (AWS Signature Version 4). */
  readonly signedBy?: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

/** The answer to a request. */
export interface Exchange {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Decoded. */
  readonly body: Buffer
  readonly text: string
  /** Milliseconds from the request to each piece of the body. */
  readonly arrivedMs: readonly number[]
}

/** Time for one exchange; Claude Code itself waits ten minutes. */
const waitMs = 120_000
const maxBodyBytes = 16 * 1024 * 1024

/** Sends one request and reads the whole answer. Throws if there is none. */
export async function exchange(baseUrl: string, outgoing: Outgoing): Promise<Exchange> {
  const { origin, host, pathname } = new URL(baseUrl)
  // The path is sent as it is written: a URL would change its escapes.
  const path = pathname.replace(/\/+$/, '') + outgoing.path
  const { method = 'POST', body: sentBody = '', signedBy } = outgoing
  const signature = signedBy && signRequest({ method, host, path, body: sentBody }, signedBy, Date.now())
  const whole = { ...outgoing, path, headers: { ...outgoing.headers, ...signature } }
  const head = await (outgoing.http2 === true ? askHttp2(origin, whole) : askHttp1(origin, whole))
  const body = decodeBody(Buffer.concat(head.chunks), head.headers['content-encoding'])
  const { status, headers, arrivedMs } = head
  return { status, headers, arrivedMs, body, text: body.toString('utf8') }
}

interface RawExchange {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly chunks: readonly Buffer[]
  readonly arrivedMs: readonly number[]
}

function askHttp1(origin: string, { method = 'POST', path, body, headers }: Outgoing): Promise<RawExchange> {
  const startedAtMs = performance.now()
  const { protocol, hostname, port } = new URL(origin)
  const options = { method, path, agent: false, host: hostname, ...(port !== '' && { port }) } as const
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
  return new Promise((resolve, reject) => {
    const ask = protocol === 'https:' ? requestHttps : requestHttp
    const sent = ask({ ...options, headers: { ...headers, ...length } })
    let answered = false
    sent.setTimeout(waitMs, () => sent.destroy(new Error(`no answer within ${waitMs / 1_000} s`)))
    sent.once('response', (response) => {
      answered = true
      readAll(response, startedAtMs).then(resolve, reject)
    })
    // A server may answer before it has read a large body, and close.
    sent.on('error', (error) => {
      if (!answered) reject(error)
    })
    sent.end(body)
  })
}

async function readAll(response: IncomingMessage, startedAtMs: number): Promise<RawExchange> {
  const chunks: Buffer[] = []
  const arrivedMs: number[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    arrivedMs.push(performance.now() - startedAtMs)
    size += chunk.length
    if (size > maxBodyBytes) throw new Error(`the answer is longer than ${maxBodyBytes} bytes`)
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
  )
  return { status: response.statusCode ?? 0, headers, chunks, arrivedMs }
}

function askHttp2(origin: string, { method = 'POST', path, body, headers }: Outgoing): Promise<RawExchange> {
  const startedAtMs = performance.now()
  return new Promise((resolve, reject) => {
    const session = connect(origin)
    const fail = (error: Error): void => {
      session.destroy()
      reject(error)
    }
    session.once('error', fail)
    const stream = session.request({ ...headers, ':method': method, ':path': path })
    const chunks: Buffer[] = []
    const arrivedMs: number[] = []
    let answer: Readonly<Record<string, unknown>> = {}
    stream.setTimeout(waitMs, () => fail(new Error(`no answer within ${waitMs / 1_000} s`)))
    stream.once('response', (given) => {
      answer = given
    })
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      arrivedMs.push(performance.now() - startedAtMs)
    })
    stream.once('error', fail)
    stream.once('end', () => {
      session.close()
      const all = Object.entries(answer).map(([name, value]) => [name, String(value)])
      resolve({ status: Number(answer[':status'] ?? 0), headers: Object.fromEntries(all), chunks, arrivedMs })
    })
    stream.end(body)
  })
}

function decodeBody(body: Buffer, encoding = 'identity'): Buffer {
  switch (encoding) {
    case 'gzip':
      return gunzipSync(body)
    case 'deflate':
      return inflateSync(body)
    case 'br':
      return brotliDecompressSync(body)
    case 'zstd':
      return zstdDecompressSync(body)
    default:
      return body
  }
}
