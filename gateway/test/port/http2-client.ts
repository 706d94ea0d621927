import { connect } from 'node:http2'
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  OutgoingHttpHeaders,
} from 'node:http2'

import { onTestFinished } from 'vitest'

import { testCertificate } from './certificate.ts'

/** A real client's connection, in clear text or over TLS, depending on the URL. */
export function connectHttp2(url: string): ClientHttp2Session {
  const session = connect(url, { ca: testCertificate.certificate })
  session.on('error', () => {})
  onTestFinished(() => session.destroy())
  return session
}

export interface Http2Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends a request and reads its response; rejects if the stream is reset. */
export async function askHttp2(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  body?: string | Uint8Array,
): Promise<Http2Answer> {
  const stream = openStream(session, headers, body === undefined)
  if (body !== undefined) stream.end(body)
  return readAnswer(stream)
}

export function openStream(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders,
  endStream = false,
): ClientHttp2Stream {
  const stream = session.request(headers, { endStream })
  stream.on('error', () => {})
  return stream
}

export function readAnswer(stream: ClientHttp2Stream): Promise<Http2Answer> {
  return new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders | null = null
    const chunks: Buffer[] = []
    stream.on('response', (given) => (headers = given))
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.once('error', reject)
    stream.once('close', () => {
      if (headers === null) return reject(new Error(`no answer; reset with ${stream.rstCode}`))
      resolve({ status: Number(headers[':status']), headers, text: Buffer.concat(chunks).toString() })
    })
  })
}
