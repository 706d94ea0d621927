import { decodeSse } from '@anthology/wire'

import type { Emulator, Fault } from '../../src/index.ts'
import { createRequest } from '../collecting-receiver.ts'
import type { Ask } from '../collecting-receiver.ts'
import { getMessages, opus41 } from '../protocols/bedrock/calls.ts'

/** A call for a message in one of the protocols. */
export interface ProtocolCall {
  readonly name: string
  readonly protocol: 'messages' | 'openai' | 'bedrock' | 'vertex'
  readonly isStream: boolean
  readonly request: Ask
}

const messages = [{ role: 'user', content: 'Say "Grüße"\non two lines.' }]
const model = 'claude-opus-4-1-20250805'
const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models/claude-opus-4-1@20250805'

/** One call of each kind: every protocol, plain and streamed. */
export const calls: readonly ProtocolCall[] = [
  create('messages', 'messages', '/v1/messages', { model }),
  create('foundry', 'messages', '/anthropic/v1/messages', { model }),
  create('openai', 'openai', '/v1/chat/completions', { model }),
  create('invoke', 'bedrock', `/model/${opus41}/invoke`, { anthropic_version: 'bedrock-2023-05-31' }),
  create('vertex', 'vertex', `${vertex}:rawPredict`, { anthropic_version: 'vertex-2023-10-16' }),
  createStream('messages stream', 'messages', '/v1/messages', { model }),
  createStream('foundry stream', 'messages', '/anthropic/v1/messages', { model }),
  createStream('openai stream', 'openai', '/v1/chat/completions', {
    model,
    stream_options: { include_usage: true },
  }),
  {
    ...create('invoke stream', 'bedrock', `/model/${opus41}/invoke-with-response-stream`, {
      anthropic_version: 'bedrock-2023-05-31',
    }),
    isStream: true,
  },
  createStream('vertex stream', 'vertex', `${vertex}:streamRawPredict`, {
    anthropic_version: 'vertex-2023-10-16',
  }),
  { ...createConverse('converse', 'converse'), isStream: false },
  { ...createConverse('converse stream', 'converse-stream'), isStream: true },
]

export const plainCalls = calls.filter(({ isStream }) => !isStream)
export const streamedCalls = calls.filter(({ isStream }) => isStream)

export function findCall(name: string): ProtocolCall {
  const call = calls.find((each) => each.name === name)
  if (!call) throw new Error(`no call has the name ${name}`)
  return call
}

function create(
  name: string,
  protocol: ProtocolCall['protocol'],
  path: string,
  more: Readonly<Record<string, unknown>>,
): ProtocolCall {
  return { name, protocol, isStream: false, request: { path, body: { ...more, max_tokens: 60, messages } } }
}

function createStream(...[name, protocol, path, more]: Parameters<typeof create>): ProtocolCall {
  return { ...create(name, protocol, path, { ...more, stream: true }), isStream: true }
}

function createConverse(name: string, operation: string): Omit<ProtocolCall, 'isStream'> {
  const body = {
    messages: [{ role: 'user', content: [{ text: messages[0]?.content }] }],
    inferenceConfig: { maxTokens: 60 },
  }
  return { name, protocol: 'bedrock', request: { path: `/model/${opus41}/${operation}`, body } }
}

/** What a receiver got until its exchange ended. */
export interface Received {
  /** 0: no head came. */
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
  readonly text: string
  /** The error that ended the exchange; null: it ended cleanly. */
  readonly failure: Error | null
}

export interface Reception {
  readonly ended: Promise<Received>
  /** What has come so far. */
  sofar(): Omit<Received, 'failure'>
  readonly isOver: () => boolean
}

/** Sends a request, with a fault of its own if one is given. */
export function receive(emulator: Emulator, request: Ask, fault?: Fault): Reception {
  const parts: Uint8Array[] = []
  let [status, isOver] = [0, false]
  let headers: Readonly<Record<string, string>> = {}
  const sofar = () => {
    const bytes = Buffer.concat(parts)
    return { status, headers, bytes, text: bytes.toString() }
  }
  const ended = new Promise<Received>((resolve) => {
    const end = (failure: Error | null): void => {
      isOver = true
      resolve({ ...sofar(), failure })
    }
    const own = fault === undefined ? {} : { 'x-anthology-fault': JSON.stringify(fault) }
    emulator.send(createRequest({ ...request, headers: { ...request.headers, ...own } }), {
      head: (givenStatus, givenHeaders) => {
        status = givenStatus
        headers = givenHeaders
      },
      chunk: (bytes) => parts.push(bytes) > 0,
      end: () => end(null),
      fail: end,
    })
  })
  return { ended, sofar, isOver: () => isOver }
}

/** Sends a request and returns all that came. */
export function send(emulator: Emulator, request: Ask, fault?: Fault): Promise<Received> {
  return receive(emulator, request, fault).ended
}

/** The names of a stream's events as a client of its protocol counts them. */
export function listEvents({ name }: ProtocolCall, bytes: Uint8Array): readonly string[] {
  const received = { status: 200, headers: {}, bytes }
  if (name.startsWith('converse')) return getMessages(received).map(({ type }) => type)
  if (name.startsWith('invoke'))
    return getMessages(received).map(({ type, payload }) => {
      const { bytes: json } = payload as { bytes?: string } // The shape of a chunk; an exception has none.
      return json === undefined ? type : JSON.parse(Buffer.from(json, 'base64').toString()).type
    })
  return decodeSse(bytes)
    .filter(({ event, data }) => event !== 'ping' && data !== '[DONE]')
    .map(({ event, data }) => {
      if (event !== 'message') return event
      return JSON.parse(data).error ? 'error' : 'chunk'
    })
}

/** The JSON of each event of a Bedrock stream. */
export function readTexts(call: ProtocolCall, { bytes }: Received): readonly string[] {
  const texts: string[] = []
  for (let at = 0; at < bytes.length;) {
    const [length, headers] = [bytes.readUInt32BE(at), bytes.readUInt32BE(at + 4)]
    const payload = bytes.subarray(at + 12 + headers, at + length - 4).toString()
    texts.push(
      call.name.startsWith('invoke') ? Buffer.from(JSON.parse(payload).bytes, 'base64').toString() : payload,
    )
    at += length
  }
  return texts
}
