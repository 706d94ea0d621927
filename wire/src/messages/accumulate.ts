import { WireError } from '../error.ts'
import { isRecord, parseJson, readRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { mergeUsage } from './merge-usage.ts'
import type { UsageFields } from './merge-usage.ts'

export interface MessageAccumulator {
  /** Takes the next event. Where `event` is `message`, as for data without an event line, the data's type counts. */
  apply(event: { readonly event: string; readonly data: string }): void
  /** The message as far as it has come, or null before `message_start`. */
  message(): AccumulatedMessage | null
  /** The data of the `error` event that ended the stream. */
  readonly error: JsonObject | null
  /** Whether `message_stop` has come. */
  readonly complete: boolean
}

/** The members of a message, those of later API versions included. */
export interface AccumulatedMessage {
  readonly [name: string]: unknown
  readonly content: readonly JsonObject[]
  readonly usage: UsageFields
}

/**
 * Puts the events of a stream together into the message that the same call
 * would have answered without streaming. Blocks and members that a later API
 * version adds are kept, events that it adds are ignored.
 *
 * A tool input that was cut off inside its JSON, as `max_tokens` may do, stays
 * the text that came. Sources: "Streaming Messages" of the API reference and
 * "Fine-grained tool streaming".
 */
export function createMessageAccumulator(): MessageAccumulator {
  let message: JsonObject | null = null
  let usage: UsageFields = {}
  let error: JsonObject | null = null
  let complete = false
  const blocks = new Map<unknown, OpenBlock>()

  function applyNamed(name: string, data: JsonObject): void {
    if (name === 'error') {
      error = data
    } else if (name === 'message_start') {
      if (message !== null) throw outOfOrder(name)
      message = objectIn(data, 'message')
      usage = mergeUsage(null, readRecord(message, 'usage'))
    } else if (message === null) {
      throw outOfOrder(name)
    } else if (name === 'content_block_start') {
      if (blocks.has(data.index)) throw outOfOrder(name)
      blocks.set(data.index, openBlock(objectIn(data, 'content_block')))
    } else if (name === 'message_delta') {
      const { type: _type, delta: _delta, usage: _usage, ...others } = data
      message = { ...message, ...others, ...readRecord(data, 'delta') }
      usage = mergeUsage(usage, readRecord(data, 'usage'))
    } else if (name === 'message_stop') {
      complete = true
    } else {
      const block = blocks.get(data.index)
      if (!block) throw outOfOrder(name)
      if (name === 'content_block_delta') applyDelta(block, objectIn(data, 'delta'))
    }
  }

  return {
    apply({ event, data }) {
      if (error !== null) return
      const parsed = parseJson(data)
      const fields = isRecord(parsed) ? parsed : null
      const name = event === 'message' ? fields?.type : event
      if (typeof name !== 'string' || !eventNames.has(name)) return
      if (fields === null) throw new WireError('sse_broken_json', `the data of ${name} is not a JSON object`)
      applyNamed(name, fields)
    },
    message() {
      if (message === null) return null
      const given: readonly unknown[] = Array.isArray(message.content) ? message.content : []
      const content = [...given.filter(isRecord), ...Array.from(blocks.values(), closeBlock)]
      return { ...message, content, usage }
    },
    get error() {
      return error
    },
    get complete() {
      return complete
    },
  }
}

interface OpenBlock {
  /** A map, because assigning a member named `__proto__` would not make a member. */
  readonly fields: Map<string, unknown>
  /** The pieces of a tool's input; null until one has come. */
  inputJson: string | null
}

/** Whatever else comes, such as `ping` and what later versions add, says nothing about the message. */
const eventNames: ReadonlySet<string> = new Set([
  'message_start',
  'content_block_start',
  'content_block_delta',
  'content_block_stop',
  'message_delta',
  'message_stop',
  'error',
])

function openBlock(block: JsonObject): OpenBlock {
  return { fields: new Map(Object.entries(block)), inputJson: null }
}

/**
 * Apart from inputs and citations, a delta has members named like those of its
 * block: a string goes on where one stands (`text`, `thinking`, `signature`),
 * anything else takes its place. Deltas of later versions are read the same way.
 */
function applyDelta(block: OpenBlock, delta: JsonObject): void {
  if (delta.type === 'input_json_delta') {
    if (typeof delta.partial_json === 'string') block.inputJson = (block.inputJson ?? '') + delta.partial_json
    return
  }
  if (delta.type === 'citations_delta') {
    const known = block.fields.get('citations')
    block.fields.set('citations', [...(Array.isArray(known) ? known : []), delta.citation])
    return
  }
  for (const [name, value] of Object.entries(delta)) {
    if (name === 'type') continue
    const known = block.fields.get(name)
    const goesOn = typeof known === 'string' && typeof value === 'string'
    block.fields.set(name, goesOn ? known + value : value)
  }
}

function closeBlock({ fields, inputJson }: OpenBlock): JsonObject {
  const block: JsonObject = Object.fromEntries(fields)
  if (inputJson === null) return block
  if (inputJson === '') return { ...block, input: block.input ?? {} }
  const input = parseJson(inputJson)
  return { ...block, input: input === undefined ? inputJson : input }
}

function objectIn(data: JsonObject, name: string): JsonObject {
  const value = readRecord(data, name)
  if (value === null) throw new WireError('sse_broken_json', `an event of the stream has no ${name}`)
  return value
}

function outOfOrder(name: string): WireError {
  return new WireError('event_out_of_order', `${name} came where the stream cannot have it`)
}
