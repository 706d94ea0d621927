import {
  converseToMessage,
  createConverseReader,
  createFrameDecoder,
  createInvokeStreamDecoder,
  createMessageAccumulator,
  decodeSse,
  isRecord,
  messagesToConverse,
  stringHeader,
} from '@anthology/wire'
import type { ConverseFrame, DecodedFrame, MessagesRequest } from '@anthology/wire'

import type { Emulator } from '../../src/index.ts'
import { collect, getJson } from '../collecting-receiver.ts'
import type { Collected } from '../collecting-receiver.ts'

/** The model of these calls under the names of each platform. */
export const model = 'claude-opus-4-1-20250805'
const bedrock = '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0'
const vertex = '/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4-1@20250805'

/** A call in terms of the Messages API. */
export type Body = Omit<MessagesRequest, 'model' | 'stream'>

/** The parts of an answer that every protocol has in some form. */
export interface Played {
  readonly content: readonly unknown[]
  readonly stop_reason: unknown
  readonly stop_sequence?: unknown
  readonly usage: Readonly<Record<string, unknown>>
}

/** Sends a call and reads the answer back into Messages terms. A refused call fails with status and text. */
export type Play = (emulator: Emulator, body: Body, stream: boolean) => Promise<Played>

/** The protocols whose answers have all blocks of the Messages API. */
export const protocols: Readonly<Record<string, Play>> = {
  messages: async (emulator, body, stream) =>
    stream
      ? readEvents(decodeSse((await post(emulator, '/v1/messages', { ...body, model, stream })).bytes))
      : readMessage(await post(emulator, '/v1/messages', { ...body, model })),
  vertex: async (emulator, body, stream) => {
    const sent = { ...body, anthropic_version: 'vertex-2023-10-16', ...(stream && { stream }) }
    const collected = await post(emulator, `${vertex}:${stream ? 'streamRawPredict' : 'rawPredict'}`, sent)
    return stream ? readEvents(decodeSse(collected.bytes)) : readMessage(collected)
  },
  invoke: async (emulator, body, stream) => {
    const sent = { ...body, anthropic_version: 'bedrock-2023-05-31' }
    const operation = stream ? 'invoke-with-response-stream' : 'invoke'
    const collected = await post(emulator, `${bedrock}/${operation}`, sent)
    if (!stream) {
      const message = readMessage(collected)
      checkCountHeaders(collected, message)
      return message
    }
    const events = createInvokeStreamDecoder().push(collected.bytes)
    return readEvents(
      events.map((event) => {
        if (event.kind !== 'event') throw new Error(`the stream has a ${event.kind}`)
        return { event: event.type, data: new TextDecoder().decode(event.json) }
      }),
    )
  },
  converse: async (emulator, body, stream) => {
    const rewritten = messagesToConverse({ ...body, model })
    if (!rewritten.ok) throw new Error(rewritten.problem.message)
    const path = `${bedrock}/${stream ? 'converse-stream' : 'converse'}`
    const collected = await post(emulator, path, rewritten.body)
    const identity = { id: 'msg_1', model }
    if (!stream) {
      const read = converseToMessage(getJson(collected), identity)
      if (read === null) throw new Error('the answer is not one of Converse')
      return toPlayed(read.message)
    }
    const reader = createConverseReader(identity)
    const events = createFrameDecoder()
      .push(collected.bytes)
      .flatMap((frame) => reader(toConverseFrame(frame)))
    return readEvents(events.map((event) => ({ event: event.type, data: JSON.stringify(event) })))
  },
}

/** An answer of OpenAI's protocol, which has one text and the calls. */
export interface PlayedChat {
  readonly text: string
  readonly calls: readonly { readonly id: string; readonly name: string; readonly input: unknown }[]
  readonly finish: string
  readonly usage: Readonly<Record<string, unknown>>
}

/** Sends a call without system blocks and thinking as a chat completion. */
export async function playChat(emulator: Emulator, body: Body, stream: boolean): Promise<PlayedChat> {
  const { tools = [], max_tokens, stop_sequences, messages, system, ...more } = body
  const sent = {
    model,
    max_tokens,
    ...more,
    ...(stop_sequences && { stop: stop_sequences }),
    messages: [
      ...(typeof system === 'string' ? [{ role: 'system', content: system }] : []),
      ...messages.flatMap(toChatTurns),
    ],
    ...(tools.length > 0 && {
      tools: tools.map((tool) => ({
        type: 'function',
        function: { name: tool.name, ...('input_schema' in tool && { parameters: tool.input_schema }) },
      })),
    }),
    ...(stream && { stream, stream_options: { include_usage: true } }),
  }
  const collected = await post(emulator, '/v1/chat/completions', sent)
  return stream ? readChunks(collected) : readCompletion(getJson(collected))
}

interface Chunk {
  readonly choices: readonly {
    readonly delta: {
      readonly content?: string
      readonly tool_calls?: readonly [
        { readonly index: number; readonly id?: string; readonly function: ChatFunction },
      ]
    }
    readonly finish_reason: string | null
  }[]
  readonly usage?: Readonly<Record<string, unknown>> | null
}

interface ChatFunction {
  readonly name?: string
  readonly arguments: string
}

function readChunks({ bytes }: Collected): PlayedChat {
  const calls: { id: string; name: string; text: string }[] = []
  let [text, finish, usage]: [string, string, Readonly<Record<string, unknown>>] = ['', '', {}]
  for (const { data } of decodeSse(bytes)) {
    if (data === '[DONE]') continue
    const chunk = JSON.parse(data) as Chunk // The test reads the members that it compares.
    usage = chunk.usage ?? usage
    for (const { delta, finish_reason: reason } of chunk.choices) {
      text += delta.content ?? ''
      finish = reason ?? finish
      for (const call of delta.tool_calls ?? []) {
        const open = (calls[call.index] ??= { id: call.id ?? '', name: call.function.name ?? '', text: '' })
        open.text += call.function.arguments
      }
    }
  }
  return {
    text,
    finish,
    usage,
    calls: calls.map(({ id, name, text: input }) => ({ id, name, input: JSON.parse(input) as unknown })),
  }
}

function readCompletion(value: unknown): PlayedChat {
  // As above.
  const { choices, usage } = value as {
    choices: [
      {
        message: { content: string | null; tool_calls?: { id: string; function: Required<ChatFunction> }[] }
        finish_reason: string
      },
    ]
    usage: Record<string, unknown>
  }
  const [{ message, finish_reason: finish }] = choices
  const calls = (message.tool_calls ?? []).map(({ id, function: { name, arguments: input } }) => ({
    id,
    name,
    input: JSON.parse(input) as unknown,
  }))
  return { text: message.content ?? '', calls, finish, usage }
}

function toChatTurns({ role, content }: Body['messages'][number]): readonly unknown[] {
  if (typeof content === 'string') return [{ role, content }]
  const results = content.flatMap((block) =>
    block.type === 'tool_result'
      ? [{ role: 'tool', tool_call_id: block.tool_use_id, content: block.content }]
      : [],
  )
  const calls = content.flatMap((block) =>
    block.type === 'tool_use'
      ? [
          {
            id: block.id,
            type: 'function',
            function: { name: block.name, arguments: JSON.stringify(block.input) },
          },
        ]
      : [],
  )
  const texts = content.flatMap((block) =>
    block.type === 'text' ? [{ type: 'text', text: block.text }] : [],
  )
  if (texts.length === 0 && calls.length === 0) return results
  return [
    ...results,
    { role, ...(texts.length > 0 && { content: texts }), ...(calls.length > 0 && { tool_calls: calls }) },
  ]
}

async function post(emulator: Emulator, path: string, body: unknown): Promise<Collected> {
  const collected = await collect(emulator, { path, body })
  if (collected.status === 200) return collected
  throw new Error(`${collected.status} ${new TextDecoder().decode(collected.bytes)}`)
}

function readMessage(collected: Collected): Played {
  return toPlayed(getJson(collected))
}

function readEvents(events: readonly { readonly event: string; readonly data: string }[]): Played {
  const accumulator = createMessageAccumulator()
  for (const event of events) accumulator.apply(event)
  if (!accumulator.complete) throw new Error('the stream has no end')
  return toPlayed(accumulator.message())
}

function toPlayed(message: unknown): Played {
  if (!isRecord(message)) throw new Error('there is no message')
  const { content, stop_reason, stop_sequence, usage } = message
  return {
    content: (Array.isArray(content) ? content : []).map(withoutCaller),
    stop_reason,
    stop_sequence,
    usage: isRecord(usage) ? usage : {},
  }
}

function withoutCaller(block: unknown): unknown {
  const { caller: _caller, ...others } = isRecord(block) ? block : {}
  return others
}

function toConverseFrame(frame: DecodedFrame): ConverseFrame {
  const type = stringHeader(frame, ':event-type')
  if (type === undefined) throw new Error('the frame is no event')
  return { kind: 'event', type, payload: JSON.parse(new TextDecoder().decode(frame.payload)) }
}

function checkCountHeaders({ headers }: Collected, { usage }: Played): void {
  const counted = {
    'x-amzn-bedrock-input-token-count': usage['input_tokens'],
    'x-amzn-bedrock-output-token-count': usage['output_tokens'],
    'x-amzn-bedrock-cache-read-input-token-count': usage['cache_read_input_tokens'],
    'x-amzn-bedrock-cache-write-input-token-count': usage['cache_creation_input_tokens'],
  }
  for (const [name, count] of Object.entries(counted))
    if (headers[name] !== String(count)) throw new Error(`${name} is ${headers[name]}, not ${String(count)}`)
}
