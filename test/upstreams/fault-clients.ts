import { request } from 'node:http'
import type { Agent, IncomingHttpHeaders } from 'node:http'

import {
  createFrameDecoder,
  createInvokeStreamDecoder,
  decodeSse,
  parseJson,
  readRecord,
  readText,
  stringHeader,
} from '@anthology/wire'

import { sign } from '../../gateway/test/protocols/aws-client.ts'

/** The protocols of clients, with Bedrock's two ways to send a message. */
export const clientNames = ['messages', 'openai', 'invoke', 'converse', 'vertex'] as const
export type ClientName = (typeof clientNames)[number]

export interface ClientCall {
  readonly client: ClientName
  readonly stream: boolean
  readonly model: string
  readonly text: string
  /** Signed with the AWS credentials of the key instead of the key itself. */
  readonly signed?: boolean
}

/** What a client has got. */
export interface ClientResult {
  /** `answer`, the status of an error response, or `error event`. */
  readonly kind: string
  /** The upstream that wrote the answer. */
  readonly writer: string | null
  readonly callId: string
  readonly attempts: number
  readonly retryAfter: string | null
}

/** Sends a call and reads its answer as a client of the protocol does. Throws if it is neither an answer nor an error. */
export async function callGateway(
  url: string,
  { key, agent }: { readonly key: string; readonly agent?: Agent },
  call: ClientCall,
): Promise<ClientResult> {
  const { path, body, headers } = createRequest(call)
  const bytes = JSON.stringify(body)
  const own = { ...headers, 'content-type': 'application/json' }
  const sent =
    call.signed === true
      ? await sign(url, path, { body: bytes, headers: own })
      : { ...own, authorization: `Bearer ${key}` }
  const answer = await post(url + path, bytes, sent, agent)
  const id = answer.headers['request-id'] ?? answer.headers['x-amzn-requestid']
  const attempts = Number(answer.headers['x-anthology-attempts'] ?? 0)
  const { kind, text } = answer.status === 200 ? readAnswer(call, answer.body) : readError(call, answer)
  const writer = kind === 'answer' ? (/by (first|second)/.exec(text)?.[1] ?? null) : null
  return { kind, writer, callId: String(id), attempts, retryAfter: answer.headers['retry-after'] ?? null }
}

function createRequest({ client, stream, model, text, signed }: ClientCall) {
  const messages = [{ role: 'user', content: text }]
  const limits = { max_tokens: 100, messages }
  const name = encodeURIComponent(model)
  switch (client) {
    case 'messages':
      return {
        // Signed, at the Messages endpoint of Bedrock.
        path: signed === true ? '/anthropic/v1/messages' : '/v1/messages',
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
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** Without an agent, on a connection of its own. */
export function post(
  url: string,
  body: string,
  headers: Readonly<Record<string, string>>,
  agent: Agent | false = false,
): Promise<Posted> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, agent }, (response) => {
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

/** An error has the members that the SDKs of its protocol read. */
function readError(
  { client }: ClientCall,
  { status, headers, body }: Posted,
): { readonly kind: string; readonly text: string } {
  const text = body.toString()
  const value = parseJson(text)
  const parsed: unknown = Array.isArray(value) ? value[0] : value
  const inner = readRecord(parsed, 'error')
  const isMessages = readText(parsed, 'type') === 'error' && readText(inner, 'type') !== null
  const isAws = client === 'invoke' || client === 'converse'
  const isRight = {
    messages: isMessages,
    openai: readText(inner, 'type') !== null && readText(inner, 'code') !== null,
    invoke: headers['x-amzn-errortype'] !== undefined,
    converse: headers['x-amzn-errortype'] !== undefined,
    // Google passes on errors of the model in their own form.
    vertex: isMessages || (readText(inner, 'status') !== null && inner?.['code'] === status),
  }[client]
  const message = readText(isAws ? parsed : inner, 'message') ?? ''
  if (!isRight || message === '') throw new Error(`no error of ${client}: ${status} ${text}`)
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
  const { events, isError, isComplete } = readStream(client, body)
  if (isError === isComplete) throw new Error(`a stream without one end: ${events.join('\n').slice(-500)}`)
  const broken = events.find((json) => json !== '[DONE]' && parseJson(json) === undefined)
  if (broken !== undefined) throw new Error(`an event of ${broken}`)
  return { kind: isError ? 'error event' : 'answer', text: events.join('\n') }
}

interface ReadStream {
  /** The JSON of each. */
  readonly events: readonly string[]
  readonly isError: boolean
  readonly isComplete: boolean
}

function readStream(client: ClientName, body: Buffer): ReadStream {
  if (client === 'invoke') {
    const decoder = createInvokeStreamDecoder()
    const events = decoder.push(body)
    decoder.end()
    const isError = events.at(-1)?.kind === 'exception'
    const last = events.at(-1)
    const isComplete = last?.kind === 'event' && last.type === 'message_stop'
    const json = events.flatMap((event) =>
      event.kind === 'event' ? [Buffer.from(event.json).toString()] : [],
    )
    return { events: json, isError, isComplete }
  }
  if (client === 'converse') {
    const decoder = createFrameDecoder()
    const frames = decoder.push(body)
    decoder.end()
    const [last] = frames.slice(-1)
    const isError = last !== undefined && stringHeader(last, ':message-type') === 'exception'
    const isComplete = last !== undefined && stringHeader(last, ':event-type') === 'metadata'
    return { events: frames.map(({ payload }) => Buffer.from(payload).toString()), isError, isComplete }
  }
  const text = body.toString()
  if (!text.endsWith('\n\n')) throw new Error(`a stream that ends inside an event: ${text.slice(-200)}`)
  const last = text.trimEnd().split('\n\n').at(-1) ?? ''
  const events = decodeSse(body).map(({ data }) => data)
  if (client === 'openai')
    return { events, isError: text.includes('data: {"error"'), isComplete: last === 'data: [DONE]' }
  return {
    events,
    isError: last.startsWith('event: error'),
    isComplete: last.startsWith('event: message_stop'),
  }
}
