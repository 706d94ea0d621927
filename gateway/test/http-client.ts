import { request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'

export interface Asking {
  readonly method?: string
  /** An undefined header is omitted. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly body?: string | Uint8Array
  /** The query, with its question mark. */
  readonly query?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** Sends a request on a new connection, and reads the whole response. */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const { response } = await open(url, asking)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer) // A response without an encoding yields buffers.
  const body = Buffer.concat(chunks)
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() }
}

/** Sends a request and returns the response as soon as its headers have arrived. */
export function open(
  url: string,
  asking: Asking = {},
): Promise<{ response: IncomingMessage; sent: ClientRequest }> {
  const { method = 'GET', headers = {}, body, query = '' } = asking
  const given = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined))
  return new Promise((resolve, reject) => {
    const sent = request(url + query, { method, headers: given, agent: false })
    sent.once('response', (response) => resolve({ response, sent }))
    sent.on('error', reject)
    sent.end(body)
  })
}

/** The API's error envelope, as a client reads it. */
export interface Envelope {
  readonly type: string
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id: string
}

export function readEnvelope(text: string): Envelope {
  // The tests compare its members next.
  return JSON.parse(text) as Envelope
}
