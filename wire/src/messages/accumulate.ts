import { WireError } from '../error.ts'
import { isRecord, parseJson, readRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import { mergeDelta, mergeUsage } from './merge-usage.ts'
import type { UsageFields } from './merge-usage.ts'

export interface MessageAccumulator {
  /**
   * Applies the next event. If `event` is `message`, the default for data without an event line, the data's
   * `type` is used.
   */
  apply(event: { readonly event: string; readonly data: string }): void
  /** The message so far, or null before `message_start`. */
  message(): AccumulatedMessage | null
  /** The data of the `error` event that ended the stream. */
  readonly error: JsonObject | null
  /** True once `message_stop` has arrived. */
  readonly complete: boolean
}

/** The members of a message, including those of later API versions. */
export interface AccumulatedMessage {
  readonly [name: string]: unknown
  readonly content: readonly JsonObject[]
  readonly usage: UsageFields
}

/**
 * Assembles the events of a stream into the message that the same call would have returned without streaming.
 * Blocks and members of a later API version are kept; unknown events are ignored.
 *
 * A tool input that was cut off inside its JSON, as `max_tokens` may do, stays the text received so far.
 * Sources: "Streaming Messages" of the API reference and "Fine-grained tool streaming".
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
      message = mergeDelta({ ...message, ...others }, readRecord(data, 'delta'))
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
  /** A map, because assigning to `__proto__` would not create a member. */
  readonly fields: Map<string, unknown>
  /** The concatenated input deltas of a tool; null before the first. */
  inputJson: string | null
}

/** Other events, such as `ping` and those of later versions, do not change the message. */
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
 * Except for inputs and citations, the members of a delta have the names of the block's members: a string is
 * appended to an existing string (`text`, `thinking`, `signature`), any other value replaces the old one.
 * Deltas of later versions are applied in the same way.
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
