import { Agent, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'

import { decodeSse, isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { bedrockOpus, invokeBody, readMessages } from '../protocols/aws-client.ts'
import { body as vertexBody, path as vertexPath } from '../protocols/vertex-client.ts'
import { usual } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { callBody, streamBody } from '../samples.ts'

/** An API of the gateway, and how a client reads its answers. */
export interface Api {
  readonly name: string
  readonly protocol: 'messages' | 'openai' | 'vertex' | 'bedrock'
  readonly stream: boolean
  readonly path: string
  readonly body: string
  /** Required in the content-type of an answer with status 200. */
  readonly contentType: RegExp
  /** Throws if it is not in the protocol's format. */
  readonly read: (answer: Received) => Seen
}

export interface Received {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A client's view of an answer with status 200. */
export interface Seen {
  /** A stream may end with an error. */
  readonly isComplete: boolean
  /** Null if the protocol does not report it. */
  readonly outputTokens: number | null
  readonly hasStopReason: boolean
}

const converseBody = JSON.stringify({
  messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
  inferenceConfig: { maxTokens: 100 },
})

const json = /^application\/json\b/
const sse = /^text\/event-stream\b/
const awsStream = /^application\/vnd\.amazon\.eventstream$/

const list: readonly Api[] = [
  api('messages', 'messages', false, ['/v1/messages', callBody, json, readMessage]),
  api('messages stream', 'messages', true, ['/v1/messages', streamBody, sse, readEvents]),
  api('openai', 'openai', false, ['/v1/chat/completions', callBody, json, readCompletion]),
  api('openai stream', 'openai', true, ['/v1/chat/completions', streamBody, sse, readChatChunks]),
  api('vertex', 'vertex', false, [`${vertexPath}:rawPredict`, vertexBody, json, readMessage]),
  api('vertex stream', 'vertex', true, [`${vertexPath}:streamRawPredict`, vertexBody, sse, readEvents]),
  bedrockApi('invoke', false, invokeBody, readMessage),
  bedrockApi('invoke-with-response-stream', true, invokeBody, readInvokeChunks),
  bedrockApi('converse', false, converseBody, readConverse),
  bedrockApi('converse-stream', true, converseBody, readConverseMembers),
]

/** By name, so that a failed case is readable. */
export const apis: ReadonlyMap<string, Api> = new Map(list.map((each) => [each.name, each]))

export function getApi(name: string): Api {
  const found = apis.get(name)
  if (found === undefined) throw new Error(`no API is called ${name}`)
  return found
}

function api(
  name: string,
  protocol: Api['protocol'],
  stream: boolean,
  [path, body, contentType, read]: readonly [string, string, RegExp, Api['read']],
): Api {
  return { name, protocol, stream, path, body, contentType, read }
}

function bedrockApi(operation: string, stream: boolean, body: string, read: Api['read']): Api {
  return api(operation, 'bedrock', stream, [
    `/model/${bedrockOpus}/${operation}`,
    body,
    stream ? awsStream : json,
    read,
  ])
}

const agent = new Agent({ keepAlive: true, maxSockets: 50 })

/** Sends a call on a connection that is kept open, and reads the whole answer. `session` names the upstream's answer. */
export function call(gateway: RunningGateway, { path, body }: Api, session: string): Promise<Received> {
  const headers = { ...usual, 'x-claude-code-session-id': session, 'content-length': Buffer.byteLength(body) }
  return new Promise((resolve, reject) => {
    const sent = request(gateway.url + path, { method: 'POST', headers, agent }, (response) => {
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

/** The id of a call, as its client sees it. */
export function getCallId({ headers }: Received): string {
  return String(headers['request-id'] ?? headers['x-amzn-requestid'] ?? headers['x-request-id'])
}

/** The message of an error in the protocol's format; null if it has another format. */
export function readErrorMessage(protocol: Api['protocol'], { headers, body }: Received): string | null {
  const value = parseJson(body.toString())
  if (!json.test(headers['content-type'] ?? '')) return null
  switch (protocol) {
    case 'messages':
      return readWireError(value)
    case 'openai':
      return readText(readRecord(value, 'error'), 'message')
    case 'vertex': {
      const error = readRecord(Array.isArray(value) ? value.at(0) : value, 'error')
      return readText(error, 'status') === null ? readWireError(value) : readText(error, 'message')
    }
    case 'bedrock':
      return headers['x-amzn-errortype'] === undefined ? null : readText(value, 'message')
  }
}

function readWireError(value: unknown): string | null {
  const error = readRecord(value, 'error')
  if (readText(value, 'type') !== 'error' || readText(error, 'type') === null) return null
  return readText(error, 'message')
}

function readMessage({ body }: Received): Seen {
  const value = parseJson(body.toString())
  if (readText(value, 'type') !== 'message') throw new Error('it is no message')
  return {
    isComplete: true,
    outputTokens: readCount(readRecord(value, 'usage'), 'output_tokens'),
    hasStopReason: readText(value, 'stop_reason') !== null,
  }
}

function readEvents({ body }: Received): Seen {
  return readStream(
    decodeSse(body).map(({ event, data }) => {
      const value = parseJson(data)
      return { name: event === 'message' ? (readText(value, 'type') ?? '') : event, data: value }
    }),
  )
}

function readInvokeChunks({ body }: Received): Seen {
  const events = readMessages(body).map(({ headers, payload }) => {
    if (headers[':message-type'] !== 'event') return { name: 'error', data: parseJson(payload) }
    const chunk = readText(parseJson(payload), 'bytes') ?? ''
    const data = parseJson(Buffer.from(chunk, 'base64').toString())
    return { name: readText(data, 'type') ?? '', data }
  })
  return readStream(events)
}

interface Event {
  readonly name: string
  readonly data: unknown
}

/** A stream is one message from `message_start` on, and nothing follows its last event. */
function readStream(events: readonly Event[]): Seen {
  const named = events.filter(({ name }) => name !== 'ping')
  const names = named.map(({ name }) => name)
  const last = names.at(-1)
  if (last !== 'message_stop' && last !== 'error') throw new Error(`its last event is ${last}`)
  const starts = names.filter((name) => name === 'message_start').length
  const ends = names.filter((name) => name === 'message_stop' || name === 'error').length
  if (ends !== 1) throw new Error(`it has ${ends} last events`)
  if (last === 'message_stop' && (starts !== 1 || names[0] !== 'message_start'))
    throw new Error(`it starts with ${names[0]}`)
  const delta = named.findLast(({ name }) => name === 'message_delta')?.data
  return {
    isComplete: last === 'message_stop',
    outputTokens: readCount(readRecord(delta, 'usage'), 'output_tokens'),
    hasStopReason: readText(readRecord(delta, 'delta'), 'stop_reason') !== null,
  }
}

function readCompletion({ body }: Received): Seen {
  const value = parseJson(body.toString())
  if (readText(value, 'object') !== 'chat.completion') throw new Error('it is no completion')
  return {
    isComplete: true,
    outputTokens: readCount(readRecord(value, 'usage'), 'completion_tokens'),
    hasStopReason: readFinishReason(value) !== null,
  }
}

function readChatChunks({ body }: Received): Seen {
  const data = decodeSse(body).map((event) => event.data)
  const isComplete = data.at(-1) === '[DONE]'
  const chunks = (isComplete ? data.slice(0, -1) : data).map((text) => parseJson(text))
  const errors = chunks.filter((chunk) => readRecord(chunk, 'error') !== null)
  if (errors.length !== (isComplete ? 0 : 1)) throw new Error(`it has ${errors.length} errors`)
  if (!isComplete && errors[0] !== chunks.at(-1)) throw new Error('something follows its error')
  for (const chunk of chunks)
    if (!errors.includes(chunk) && readText(chunk, 'object') !== 'chat.completion.chunk')
      throw new Error('it has something that is no chunk')
  if (isComplete && chunks.length === 0) throw new Error('it is empty')
  const hasStopReason = chunks.some((chunk) => readFinishReason(chunk) !== null)
  return { isComplete, outputTokens: null, hasStopReason }
}

function readFinishReason(value: unknown): string | null {
  const choices = isRecord(value) && Array.isArray(value['choices']) ? value['choices'] : []
  return readText(choices.at(0), 'finish_reason')
}

function readConverse({ body }: Received): Seen {
  const value = parseJson(body.toString())
  if (readRecord(readRecord(value, 'output'), 'message') === null) throw new Error('it has no output')
  return {
    isComplete: true,
    outputTokens: readCount(readRecord(value, 'usage'), 'outputTokens'),
    hasStopReason: readText(value, 'stopReason') !== null,
  }
}

function readConverseMembers({ body }: Received): Seen {
  const members = readMessages(body)
  const names = members.map(({ headers }) => {
    const name = headers[':event-type']
    return typeof name === 'string' ? name : 'exception'
  })
  const isComplete = names.at(-1) === 'metadata'
  if (!isComplete && names.at(-1) !== 'exception') throw new Error(`its last member is ${names.at(-1)}`)
  const ends = names.filter((name) => name === 'metadata' || name === 'exception').length
  if (ends !== 1 || (isComplete && names[0] !== 'messageStart')) throw new Error(`it is ${names.join(' ')}`)
  const usage = isComplete ? readRecord(parseJson(members.at(-1)?.payload ?? ''), 'usage') : null
  return {
    isComplete,
    outputTokens: readCount(usage, 'outputTokens'),
    hasStopReason: names.includes('messageStop'),
  }
}

function readCount(usage: unknown, name: string): number | null {
  const count = isRecord(usage) ? usage[name] : undefined
  return typeof count === 'number' ? count : null
}
