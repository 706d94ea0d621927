import { request } from 'node:http'

import { createFrameDecoder, createInvokeStreamDecoder, stringHeader } from '@anthology/wire'

/** The protocols of clients, with Bedrock's two ways to send a message. */
export const clientNames = ['messages', 'openai', 'invoke', 'converse', 'vertex'] as const
export type ClientName = (typeof clientNames)[number]

export interface ClientCall {
  readonly client: ClientName
  readonly stream: boolean
  readonly model: string
  readonly text: string
}

/** What a client has got. */
export interface ClientResult {
  /** `answer`, the status of an error response, or `error event`. */
  readonly kind: string
  /** The upstream that wrote the answer. */
  readonly writer: string | null
  readonly callId: string
  readonly attempts: number
}

/** Sends a call and reads its answer as a client of the protocol does. Throws if it is neither an answer nor an error. */
export async function callGateway(url: string, key: string, call: ClientCall): Promise<ClientResult> {
  const { path, body, headers } = createRequest(call)
  const sent = { ...headers, 'content-type': 'application/json', authorization: `Bearer ${key}` }
  const answer = await post(url + path, JSON.stringify(body), sent)
  const id = answer.headers['request-id'] ?? answer.headers['x-amzn-requestid']
  const attempts = Number(answer.headers['x-anthology-attempts'] ?? 0)
  const { kind, text } =
    answer.status === 200 ? readAnswer(call, answer.body) : readError(answer.status, answer.body)
  const writer = kind === 'answer' ? (/by (first|second)/.exec(text)?.[1] ?? null) : null
  return { kind, writer, callId: String(id), attempts }
}

function createRequest({ client, stream, model, text }: ClientCall) {
  const messages = [{ role: 'user', content: text }]
  const limits = { max_tokens: 100, messages }
  const name = encodeURIComponent(model)
  switch (client) {
    case 'messages':
      return {
        path: '/v1/messages',
        body: { model, stream, ...limits },
        headers: { 'anthropic-version': '2023-06-01' },
      }
    case 'openai':
      return { path: '/v1/chat/completions', body: { model, stream, ...limits }, headers: {} }
    case 'invoke':
      return {
        path: `/model/${name}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
        body: { anthropic_version: 'bedrock-2023-05-31', ...limits },
        headers: {},
      }
    case 'converse':
      return {
        path: `/model/${name}/${stream ? 'converse-stream' : 'converse'}`,
        body: { messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens: 100 } },
        headers: {},
      }
    case 'vertex':
      return {
        path: `/v1/projects/p/locations/us-east5/publishers/anthropic/models/${name}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
        body: { anthropic_version: 'vertex-2023-10-16', stream, ...limits },
        headers: {},
      }
  }
}

interface Posted {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

export function post(url: string, body: string, headers: Readonly<Record<string, string>>): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** An error has a message, in the place of its protocol. */
function readError(status: number, body: Buffer): { readonly kind: string; readonly text: string } {
  // Its members are checked below.
  const parsed = JSON.parse(body.toString()) as unknown
  const outer = (Array.isArray(parsed) ? parsed[0] : parsed) as {
    message?: unknown
    error?: { message?: unknown }
  }
  const message = outer.message ?? outer.error?.message
  if (typeof message !== 'string' || message === '') throw new Error(`no message in ${body.toString()}`)
  return { kind: String(status), text: message }
}

function readAnswer(
  { client, stream }: ClientCall,
  body: Buffer,
): { readonly kind: string; readonly text: string } {
  const text = body.toString()
  if (!stream) {
    if (!/"(?:stop_reason|stopReason|finish_reason)":\s*"/.test(text)) throw new Error(`no answer: ${text}`)
    return { kind: 'answer', text }
  }
  const { events, isError, isComplete } = stream ? readStream(client, body) : noStream
  if (isError === isComplete) throw new Error(`a stream without one end: ${events.slice(-500)}`)
  return { kind: isError ? 'error event' : 'answer', text: events }
}

const noStream = { events: '', isError: false, isComplete: false }

function readStream(client: ClientName, body: Buffer): typeof noStream {
  if (client === 'invoke') {
    const decoder = createInvokeStreamDecoder()
    const events = decoder.push(body)
    decoder.end()
    const isError = events.at(-1)?.kind === 'exception'
    const last = events.at(-1)
    const isComplete = last?.kind === 'event' && last.type === 'message_stop'
    const text = events.map((event) => (event.kind === 'event' ? Buffer.from(event.json).toString() : ''))
    return { events: text.join('\n'), isError, isComplete }
  }
  if (client === 'converse') {
    const decoder = createFrameDecoder()
    const frames = decoder.push(body)
    decoder.end()
    const [last] = frames.slice(-1)
    const isError = last !== undefined && stringHeader(last, ':message-type') === 'exception'
    const isComplete = last !== undefined && stringHeader(last, ':event-type') === 'metadata'
    return {
      events: frames.map(({ payload }) => Buffer.from(payload).toString()).join('\n'),
      isError,
      isComplete,
    }
  }
  const events = body.toString()
  if (!events.endsWith('\n\n')) throw new Error(`a stream that ends inside an event: ${events.slice(-200)}`)
  const last = events.trimEnd().split('\n\n').at(-1) ?? ''
  if (client === 'openai')
    return { events, isError: events.includes('data: {"error"'), isComplete: last === 'data: [DONE]' }
  return {
    events,
    isError: last.startsWith('event: error'),
    isComplete: last.startsWith('event: message_stop'),
  }
}
