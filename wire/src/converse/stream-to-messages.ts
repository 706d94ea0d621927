import { isRecord, readRecord, readText } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import type { OutputBlock } from '../messages/content-block.ts'
import type { MessageDelta, StreamEvent } from '../messages/stream-event.ts'
import { findStopSequence } from './answer-to-messages.ts'
import type { MessageIdentity } from './answer-to-messages.ts'
import { citationToMessages } from './citation.ts'
import { stopReasonToMessages, usageToMessages } from './usage-and-stop-reason.ts'
import { readSmithyShape } from './smithy-shape.ts'
import type { ConverseCitation } from './request.ts'
import type { ConverseUsage } from './response.ts'
import { citation as citationShape, tokenUsage } from './service-model.ts'

/** One frame of the event stream: its `:event-type` or `:exception-type`, and its payload as JSON. */
export interface ConverseFrame {
  readonly kind: 'event' | 'exception'
  readonly type: string
  readonly payload: unknown
}

/**
 * Translates the frames of ConverseStream one by one to equivalent Messages events. The usage of the prompt
 * is not known before the end, so it is 0 in `message_start` and complete in `message_delta`. Invalid frames
 * are skipped, as clients skip unknown events.
 */
export function createConverseReader(
  identity: MessageIdentity,
): (frame: ConverseFrame) => readonly StreamEvent[] {
  let open: OpenBlock | null = null
  let ending: MessageDelta = { stop_reason: 'end_turn', stop_sequence: null }

  function begin(index: number, block: OutputBlock): readonly StreamEvent[] {
    open = { index, redacted: null }
    return [{ type: 'content_block_start', index, content_block: block }]
  }

  function translateDelta(index: number, delta: JsonObject): readonly StreamEvent[] {
    const redacted = readText(readRecord(delta, 'reasoningContent'), 'redactedContent')
    if (redacted !== null) {
      // Messages has no deltas for redacted thinking: the whole block is sent at its end.
      open ??= { index, redacted: '' }
      open.redacted = (open.redacted ?? '') + redacted
      return []
    }
    const translated = toDelta(index, delta)
    if (!translated) return []
    return open ? [translated.event] : [...begin(index, translated.start), translated.event]
  }

  function end(index: number): readonly StreamEvent[] {
    const stop = { type: 'content_block_stop', index } as const
    const redacted = open?.redacted ?? null
    // A text block without deltas has not been started yet.
    const start: OutputBlock | null =
      redacted !== null
        ? { type: 'redacted_thinking', data: redacted }
        : open
          ? null
          : { type: 'text', text: '' }
    const started = start ? begin(index, start) : []
    open = null
    return [...started, stop]
  }

  return ({ kind, type, payload }) => {
    if (!isRecord(payload)) return []
    if (kind === 'exception') return [toError(type, readText(payload, 'message') ?? '')]
    const given = payload['contentBlockIndex']
    const index = typeof given === 'number' ? given : 0
    switch (type) {
      case 'messageStart':
        return [createStart(identity)]
      case 'contentBlockStart': {
        const call = readRecord(readRecord(payload, 'start'), 'toolUse')
        const [id, name] = [readText(call, 'toolUseId'), readText(call, 'name')]
        return id === null || name === null ? [] : begin(index, { type: 'tool_use', id, name, input: {} })
      }
      case 'contentBlockDelta':
        return translateDelta(index, readRecord(payload, 'delta') ?? {})
      case 'contentBlockStop':
        return end(index)
      case 'messageStop':
        ending = {
          stop_reason: stopReasonToMessages(payload['stopReason']),
          stop_sequence: findStopSequence(readRecord(payload, 'additionalModelResponseFields')),
        }
        return []
      case 'metadata':
        return [
          { type: 'message_delta', delta: ending, usage: usageToMessages(readUsage(payload['usage'])) },
          { type: 'message_stop' },
        ]
      default:
        return []
    }
  }
}

interface OpenBlock {
  readonly index: number
  /** The redacted thinking so far; null for any other block. */
  redacted: string | null
}

/** The event for a delta, and the start of its block in case this is the first delta. */
function toDelta(
  index: number,
  delta: JsonObject,
): { readonly start: OutputBlock; readonly event: StreamEvent } | null {
  const type = 'content_block_delta'
  const text = readText(delta, 'text')
  const textBlock = { type: 'text', text: '' } as const
  if (text !== null) return { start: textBlock, event: { type, index, delta: { type: 'text_delta', text } } }
  const partial_json = readText(readRecord(delta, 'toolUse'), 'input')
  if (partial_json !== null)
    return { start: textBlock, event: { type, index, delta: { type: 'input_json_delta', partial_json } } }
  const reasoning = readRecord(delta, 'reasoningContent')
  const thinkingBlock = { type: 'thinking', thinking: '', signature: '' } as const
  const thinking = readText(reasoning, 'text')
  if (thinking !== null)
    return { start: thinkingBlock, event: { type, index, delta: { type: 'thinking_delta', thinking } } }
  const signature = readText(reasoning, 'signature')
  if (signature !== null)
    return { start: thinkingBlock, event: { type, index, delta: { type: 'signature_delta', signature } } }
  const citation = readCitation(delta['citation'])
  if (!citation) return null
  return {
    start: { ...textBlock, citations: [] },
    event: { type, index, delta: { type: 'citations_delta', citation } },
  }
}

function createStart({ id, model }: MessageIdentity): StreamEvent {
  return {
    type: 'message_start',
    message: {
      id,
      type: 'message',
      role: 'assistant',
      model,
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: usageToMessages({}),
    },
  }
}

/** The types with the same status; every other exception is a server error. */
const errorTypes: Readonly<Record<string, string>> = {
  serviceUnavailableException: 'overloaded_error',
  throttlingException: 'rate_limit_error',
  validationException: 'invalid_request_error',
}

function toError(exceptionType: string, message: string): StreamEvent {
  const known = Object.hasOwn(errorTypes, exceptionType) ? errorTypes[exceptionType] : undefined
  return { type: 'error', error: { type: known ?? 'api_error', message } }
}

function readUsage(value: unknown): Partial<ConverseUsage> {
  const reading = readSmithyShape(value, tokenUsage)
  return reading.ok && isRecord(reading.value) ? reading.value : {}
}

function readCitation(value: unknown): ReturnType<typeof citationToMessages> {
  const reading = readSmithyShape(value, citationShape)
  return reading.ok && isCitation(reading.value) ? citationToMessages(reading.value) : null
}

/** Narrows a citation that `readSmithyShape` has read. */
function isCitation(value: unknown): value is ConverseCitation {
  return isRecord(value)
}
