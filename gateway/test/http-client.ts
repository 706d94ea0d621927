import { request } from 'node:http'
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http'

export interface Asking {
  readonly method?: string
  /** A header that is undefined is omitted. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>
  readonly body?: string | Uint8Array
  /** Appended to the path, with its question mark. */
  readonly query?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
  readonly text: string
}

/** Sends a request on its own connection, and reads the whole response. */
export async function ask(url: string, asking: Asking = {}): Promise<Answer> {
  const { response } = await open(url, asking)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer) // Without an encoding chunks are buffers.
  const body = Buffer.concat(chunks)
  return { status: response.statusCode ?? 0, headers: response.headers, body, text: body.toString() }
}

/** Sends a request and returns the response as soon as its head has arrived. */
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

/** The error envelope, as a client parses it. */
export interface Envelope {
  readonly type: string
  readonly error: { readonly type: string; readonly message: string }
  readonly request_id: string
}

export function readEnvelope(text: string): Envelope {
  // The tests check its members.
  return JSON.parse(text) as Envelope
}
