import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import type { OutputBlock } from '../messages/content-block.ts'
import type { Message } from '../messages/message.ts'
import { citationToMessages } from './citation.ts'
import { stopReasonToMessages, usageToMessages } from './usage-and-stop-reason.ts'
import { readSmithyShape } from './smithy-shape.ts'
import type { ConverseBlock } from './request.ts'
import type { ConverseResponse } from './response.ts'
import { converseResponse } from './service-model.ts'

export interface MessageIdentity {
  /** Converse sends neither. */
  readonly id: string
  readonly model: string
}

/**
 * Translates a Converse response to a message, or returns null if it is not one. The stop sequence is present
 * if the request asked for it (`stopSequencePaths`).
 */
export function converseToMessage(
  answer: unknown,
  { id, model }: MessageIdentity,
): { readonly message: Message; readonly notices: readonly string[] } | null {
  const reading = readSmithyShape(answer, converseResponse)
  if (!reading.ok || !isResponse(reading.value)) return null
  const { output, stopReason, usage, additionalModelResponseFields: fields } = reading.value
  const notices: string[] = []
  const content = output.message.content.flatMap((block): readonly OutputBlock[] => {
    const written = answerBlock(block)
    if (!written) notices.push(`an answer of Messages has no block for ${Object.keys(block).join()}`)
    return written ? [written] : []
  })
  const message = {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stopReasonToMessages(stopReason),
    stop_sequence: findStopSequence(fields),
    usage: usageToMessages(usage),
  } as const
  return { message, notices }
}

/**
 * A stream may contain the stop sequence only in the delta of its last event, so both paths are requested, as
 * clients do.
 */
export const stopSequencePaths = ['/stop_sequence', '/delta/stop_sequence']

export function findStopSequence(fields: JsonObject | null | undefined): string | null {
  const delta = fields?.['delta']
  const sequence = fields?.['stop_sequence'] ?? (isRecord(delta) ? delta['stop_sequence'] : null)
  return typeof sequence === 'string' ? sequence : null
}

function answerBlock(block: ConverseBlock): OutputBlock | null {
  if (block.text !== undefined) return { type: 'text', text: block.text }
  if (block.citationsContent) {
    const { content = [], citations = [] } = block.citationsContent
    const known = citations.map(citationToMessages).filter((citation) => citation !== null)
    const text = content.map((part) => part.text).join('')
    return { type: 'text', text, ...(known.length > 0 && { citations: known }) }
  }
  if (block.reasoningContent) {
    const { reasoningText, redactedContent } = block.reasoningContent
    return reasoningText
      ? { type: 'thinking', thinking: reasoningText.text, signature: reasoningText.signature ?? '' }
      : { type: 'redacted_thinking', data: redactedContent ?? '' }
  }
  if (block.toolUse && !block.toolUse.type) {
    const { toolUseId: id, name, input } = block.toolUse
    return { type: 'tool_use', id, name, input }
  }
  return null
}

/** Narrows a response that `readSmithyShape` has read. */
function isResponse(value: unknown): value is ConverseResponse {
  return isRecord(value)
}
