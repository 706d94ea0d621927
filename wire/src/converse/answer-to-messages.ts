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
  /** Converse names neither. */
  readonly id: string
  readonly model: string
}

/**
 * An answer of Converse as a message of the Messages API, or null where it is no such answer. The
 * sequence it stopped at is there if the request asked for it (`stopSequencePaths`).
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

/** A stream may know it under the name of its last event only, as a client of its asks for it. */
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

/** What the model states about an answer that was read by it. */
function isResponse(value: unknown): value is ConverseResponse {
  return isRecord(value)
}
