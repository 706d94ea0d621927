import { createInvokeStreamDecoder, decodeSse, encodeInvokeSse, joinBytes } from '@anthology/wire'

import { localKey } from '../../gateway/test/running-gateway.ts'
import type { Answer } from '../../gateway/test/http-client.ts'
import { ask } from '../../gateway/test/http-client.ts'
import { model } from './clouds.ts'

/** The APIs of the gateway. */
export const protocolNames = ['messages', 'openai', 'invoke', 'converse', 'vertex'] as const

export type ProtocolName = (typeof protocolNames)[number]

export interface Request {
  readonly text: string
  readonly stream: boolean
  readonly maxTokens?: number
}

/** An answer as a client of the protocol reads it. */
export interface Read {
  readonly status: number
  readonly headers: Answer['headers']
  readonly raw: Answer
  /** The text of an answer. */
  readonly text: string
  /** The type and the words of an error, where the protocol has them. */
  readonly error: { readonly type: string; readonly message: string } | null
}

/** The id of the model in the paths of Bedrock and Google Cloud. */
const bedrockId = 'us.anthropic.claude-haiku-4-5-20251001-v1%3A0'
const vertexId = 'claude-haiku-4-5@20251001'
const vertexModels = '/v1/projects/p/locations/l/publishers/anthropic/models'

/** Sends a request through a protocol of the gateway. */
export async function call(url: string, protocol: ProtocolName, request: Request): Promise<Read> {
  const { path, body } = describe(protocol, request)
  const answer = await post(url + path, body)
  return read(protocol, answer, request.stream)
}

export function post(url: string, body: object | Uint8Array | string): Promise<Answer> {
  return ask(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      authorization: `Bearer ${localKey}`,
    },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
}

function describe(
  protocol: ProtocolName,
  { text, stream, maxTokens = 40 }: Request,
): { readonly path: string; readonly body: object } {
  const messages = [{ role: 'user', content: text }]
  const own = { max_tokens: maxTokens, messages }
  switch (protocol) {
    case 'messages':
      return { path: '/v1/messages', body: { model, stream, ...own } }
    case 'openai':
      return { path: '/v1/chat/completions', body: { model, stream, ...own } }
    case 'invoke':
      return {
        path: `/model/${bedrockId}/${stream ? 'invoke-with-response-stream' : 'invoke'}`,
        body: { anthropic_version: 'bedrock-2023-05-31', ...own },
      }
    case 'converse':
      return {
        path: `/model/${bedrockId}/${stream ? 'converse-stream' : 'converse'}`,
        body: { messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens } },
      }
    case 'vertex':
      return {
        path: `${vertexModels}/${vertexId}:${stream ? 'streamRawPredict' : 'rawPredict'}`,
        body: { anthropic_version: 'vertex-2023-10-16', ...(stream && { stream }), ...own },
      }
  }
}

/** The requests that count tokens, where a protocol has one. */
export function describeCount(protocol: 'messages' | 'invoke' | 'vertex', text: string) {
  const messages = [{ role: 'user', content: text }]
  switch (protocol) {
    case 'messages':
      return { path: '/v1/messages/count_tokens', body: { model, messages } }
    case 'invoke': {
      const inner = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 10, messages }
      const body = Buffer.from(JSON.stringify(inner)).toString('base64')
      return {
        path: `/model/anthropic.claude-haiku-4-5-20251001-v1%3A0/count-tokens`,
        body: { input: { invokeModel: { body } } },
      }
    }
    case 'vertex':
      return {
        path: `${vertexModels}/count-tokens:rawPredict`,
        body: { anthropic_version: 'vertex-2023-10-16', model: vertexId, messages },
      }
  }
}

function read(protocol: ProtocolName, raw: Answer, stream: boolean): Read {
  const { status, headers } = raw
  const base = { status, headers, raw }
  if (status >= 400) return { ...base, text: '', error: readError(raw) }
  return { ...base, text: stream ? readStream(protocol, raw) : readPlain(protocol, raw), error: null }
}

/* eslint-disable typescript/no-unsafe-type-assertion -- The tests compare what they read. */

function readPlain(protocol: ProtocolName, { text }: Answer): string {
  const body = JSON.parse(text) as Loose
  if (protocol === 'openai') return body.choices?.[0]?.message?.content ?? ''
  const content = protocol === 'converse' ? body.output?.message?.content : body.content
  return (content ?? []).map((block) => block.text ?? '').join('')
}

function readStream(protocol: ProtocolName, { body }: Answer): string {
  if (protocol === 'converse') return readConverseStream(body)
  const sse = protocol === 'invoke' ? decodeInvoke(body) : body
  return decodeSse(sse)
    .filter(({ data }) => data !== '[DONE]')
    .map(({ data }) => {
      const event = JSON.parse(data) as Loose
      return protocol === 'openai' ? (event.choices?.[0]?.delta?.content ?? '') : (event.delta?.text ?? '')
    })
    .join('')
}

function decodeInvoke(body: Uint8Array): Uint8Array {
  const decoder = createInvokeStreamDecoder()
  const events = decoder.push(body)
  decoder.end()
  return joinBytes(events.map((event) => encodeInvokeSse(event)))
}

/** The payloads of the frames are plain JSON, and the texts in them are short. */
function readConverseStream(body: Buffer): string {
  const texts = body.toString('latin1').matchAll(/"delta":\{"text":"((?:[^"\\]|\\.)*)"/g)
  return [...texts].map(([, text = '']) => JSON.parse(`"${text}"`) as string).join('')
}

function readError({ headers, text }: Answer): { readonly type: string; readonly message: string } {
  const exception = headers['x-amzn-errortype']
  const parsed: unknown = JSON.parse(text)
  const body = (Array.isArray(parsed) ? parsed[0] : parsed) as Loose
  const message = body.error?.message ?? body.message ?? ''
  if (typeof exception === 'string') return { type: exception.split(':')[0] ?? '', message }
  return { type: body.error?.status ?? body.error?.type ?? '', message }
}

/** The members of all answers that the tests read. */
interface Loose {
  readonly message?: string
  readonly content?: readonly { readonly text?: string }[]
  readonly output?: { readonly message?: { readonly content?: readonly { readonly text?: string }[] } }
  readonly delta?: { readonly text?: string }
  readonly error?: { readonly type?: string; readonly status?: string; readonly message?: string }
  readonly choices?: readonly {
    readonly message?: { readonly content?: string }
    readonly delta?: { readonly content?: string }
  }[]
}
