import { createInvokeStreamDecoder, isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import { CheckFailure, ensure } from './check.ts'
import type { Exchange } from './exchange.ts'

/** One event of a message stream. */
export interface StreamEvent {
  readonly type: string
  /** The name in the `event:` line; Bedrock has none. */
  readonly name: string | null
  readonly data: Readonly<Record<string, unknown>>
}

/** Reads the events of a stream in SSE; comments are skipped. Fails for lines that are none of it. */
export function readSse({ headers, text }: Exchange): readonly StreamEvent[] {
  const type = headers['content-type'] ?? 'none'
  ensure(/^text\/event-stream\b/i.test(type), `the content type is ${type}, not text/event-stream`)
  const frames = text.replaceAll('\r\n', '\n').split('\n\n')
  return frames.flatMap((frame) => {
    const lines = frame.split('\n').filter((line) => line !== '' && !line.startsWith(':'))
    if (lines.length === 0) return []
    const name =
      lines
        .find((line) => line.startsWith('event:'))
        ?.slice(6)
        .trim() ?? null
    const data = lines.filter((line) => line.startsWith('data:')).map((line) => line.slice(5).trimStart())
    return [{ name, ...readEvent(data.join('\n')) }]
  })
}

/** Reads the events of Bedrock's event stream. Fails for a frame with a wrong checksum, and for an exception in it. */
export function readAws({ headers, body }: Exchange): readonly StreamEvent[] {
  const type = headers['content-type'] ?? 'none'
  ensure(
    type === 'application/vnd.amazon.eventstream',
    `the content type is ${type}, not exactly application/vnd.amazon.eventstream`,
  )
  const decoder = createInvokeStreamDecoder()
  try {
    const events = decoder.push(body).map((event) => {
      ensure(
        event.kind !== 'exception',
        `the stream has an exception: ${JSON.stringify(event).slice(0, 200)}`,
      )
      return event.kind === 'event' ? [{ name: null, ...readEvent(decodeText(event.json)) }] : []
    })
    decoder.end()
    return events.flat()
  } catch (error) {
    if (error instanceof CheckFailure) throw error
    throw new CheckFailure(
      `the event stream cannot be decoded: ${error instanceof Error ? error.message : ''}`,
    )
  }
}

function readEvent(json: string): Omit<StreamEvent, 'name'> {
  const data = parseJson(json)
  ensure(isRecord(data), `the data of an event is not a JSON object: ${json.slice(0, 100)}`)
  return { type: readText(data, 'type') ?? '', data }
}

function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** A message that was put together from its events. */
export interface StreamedMessage {
  readonly content: readonly Readonly<Record<string, unknown>>[]
  readonly stopReason: string | null
  readonly inputTokens: unknown
  readonly outputTokens: unknown
}

/** A message of which some events have been read. */
interface Assembly {
  readonly blocks: Block[]
  /** The block that has started and not stopped. */
  open: Block | null
  stopReason: string | null
  outputTokens: unknown
}

type Data = StreamEvent['data']

/** Requires the order of events that the API documents, and puts the message together. */
export function assemble(events: readonly StreamEvent[]): StreamedMessage {
  const [first] = events.filter(({ type }) => type !== 'ping')
  ensure(first?.type === 'message_start', `the first event is ${first?.type ?? 'missing'}, not message_start`)
  ensure(events.at(-1)?.type === 'message_stop', `the last event is ${events.at(-1)?.type}, not message_stop`)
  const assembly: Assembly = { blocks: [], open: null, stopReason: null, outputTokens: undefined }
  for (const { type, data } of events) readers.get(type)?.(assembly, data)
  const message = readRecord(first.data, 'message')
  ensure(readText(message, 'id') !== null, 'the message in message_start has no id')
  const usage = readRecord(message, 'usage')
  const { stopReason, outputTokens } = assembly
  const content = assembly.blocks.map(finish)
  return { content, stopReason, inputTokens: usage?.['input_tokens'], outputTokens }
}

/** Events without a reader, such as `ping`, add nothing to the message. */
const readers: ReadonlyMap<string, (assembly: Assembly, data: Data) => void> = new Map([
  ['content_block_start', startBlock],
  ['content_block_delta', extendBlock],
  ['content_block_stop', stopBlock],
  ['message_delta', readMessageDelta],
  ['error', failAtError],
])

function startBlock(assembly: Assembly, data: Data): void {
  const { blocks } = assembly
  ensure(assembly.open === null, 'a content block starts before the one before it has stopped')
  ensure(data['index'] === blocks.length, `content block ${blocks.length} has index ${String(data['index'])}`)
  assembly.open = { ...readRecord(data, 'content_block'), json: '' }
  blocks.push(assembly.open)
}

function extendBlock({ open }: Assembly, data: Data): void {
  ensure(open !== null, 'a delta belongs to no open content block')
  extend(open, readRecord(data, 'delta') ?? {})
}

function stopBlock(assembly: Assembly): void {
  ensure(assembly.open !== null, 'a content block stops that is not open')
  assembly.open = null
}

function readMessageDelta(assembly: Assembly, data: Data): void {
  ensure(assembly.open === null, 'message_delta comes before the last content block has stopped')
  assembly.stopReason = readText(readRecord(data, 'delta'), 'stop_reason') ?? assembly.stopReason
  assembly.outputTokens = readRecord(data, 'usage')?.['output_tokens'] ?? assembly.outputTokens
}

function failAtError(_: Assembly, data: Data): never {
  throw new CheckFailure(`the stream has an error: ${JSON.stringify(data).slice(0, 200)}`)
}

type Block = Record<string, unknown> & { json: string }

function extend(block: Block, delta: Readonly<Record<string, unknown>>): void {
  const add = (member: string, text: unknown): void => {
    block[member] = `${typeof block[member] === 'string' ? block[member] : ''}${String(text)}`
  }
  if (delta['type'] === 'text_delta') add('text', delta['text'])
  if (delta['type'] === 'thinking_delta') add('thinking', delta['thinking'])
  if (delta['type'] === 'signature_delta') add('signature', delta['signature'])
  if (delta['type'] === 'input_json_delta') add('json', delta['partial_json'])
}

function finish({ json, ...block }: Block): Readonly<Record<string, unknown>> {
  if (block['type'] !== 'tool_use') return block
  const input = parseJson(json === '' ? '{}' : json)
  ensure(isRecord(input), `the partial JSON of a tool call does not join to an object: ${json.slice(0, 100)}`)
  return { ...block, input }
}
