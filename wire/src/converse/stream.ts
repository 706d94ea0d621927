import { wireErrors } from '../messages/error-envelope.ts'
import type { JsonObject } from '../body/json-value.ts'
import { mergeDelta, mergeUsage } from '../messages/merge-usage.ts'
import type { UsageFields } from '../messages/merge-usage.ts'
import type { OutputBlock, TextBlock, ThinkingBlock } from '../messages/content-block.ts'
import type { Message } from '../messages/message.ts'
import type { BlockDelta, MessageDelta, StreamEvent } from '../messages/stream-event.ts'
import { isBase64 } from '../aws/base64.ts'
import { citationToConverse } from './citation.ts'
import { stopReasonToConverse, usageToConverse } from './usage-and-stop-reason.ts'
import { pickResponseFields } from './response-fields.ts'
import type { ConverseEventType, ConverseExceptionType, ConverseStreamMember } from './response.ts'

export interface ConverseStreamOptions {
  /** Milliseconds since the start of the call; read once, for the last member. */
  readonly latencyMs: () => number
  readonly responsePaths?: readonly string[]
  readonly serviceTier?: string
}

export interface ConverseStream {
  /** Translates an event to stream members, in Bedrock's order. */
  translate(event: StreamEvent): readonly ConverseStreamMember[]
}

/**
 * Translates the events of a streamed message one by one. Text and reasoning have no `contentBlockStart`, and
 * only the last member, `metadata`, contains usage (AWS API reference, ConverseStreamOutput).
 */
export function createConverseStream(options: ConverseStreamOptions): ConverseStream {
  const state: StreamState = {
    message: null,
    ending: { stop_reason: null, stop_sequence: null },
    usage: {},
    open: null,
    blocks: 0,
  }
  return {
    translate(event) {
      switch (event.type) {
        case 'message_start':
          state.message = event.message
          state.usage = mergeUsage(null, event.message.usage)
          return [member('messageStart', { role: 'assistant' })]
        case 'content_block_start':
          return openBlock(state, event.content_block)
        case 'content_block_delta':
          return translateDelta(state, event.delta)
        case 'content_block_stop':
          return closeBlock(state)
        case 'message_delta':
          state.ending = mergeDelta(state.ending, event.delta)
          state.usage = mergeUsage(state.usage, event.usage)
          return []
        case 'message_stop':
          return finish(state, options)
        case 'error':
          return [toException(event.error)]
        case 'ping':
          break
      }
      // Events of a later API version do not change the message.
      return []
    },
  }
}

interface StreamState {
  message: Message | null
  ending: MessageDelta
  usage: UsageFields
  /** Null between blocks and inside a block that Converse does not have. */
  open: OpenBlock | null
  /** The number of blocks sent, which is the next index, regardless of omitted blocks. */
  blocks: number
}

interface OpenBlock {
  readonly index: number
  readonly block: OutputBlock
  hasInput: boolean
}

function openBlock(state: StreamState, block: OutputBlock): readonly ConverseStreamMember[] {
  const started = createStart(block)
  if (!started) return []
  const index = state.blocks
  state.open = { index, block, hasInput: false }
  state.blocks += 1
  const { start, deltas } = started
  return [
    ...(start ? [member('contentBlockStart', { start, contentBlockIndex: index })] : []),
    ...deltas.map((delta) => member('contentBlockDelta', { delta, contentBlockIndex: index })),
  ]
}

function translateDelta({ open }: StreamState, delta: BlockDelta): readonly ConverseStreamMember[] {
  if (!open) return []
  if (delta.type === 'input_json_delta') open.hasInput = true
  const translated = toDelta(delta)
  return translated ? [member('contentBlockDelta', { delta: translated, contentBlockIndex: open.index })] : []
}

function closeBlock(state: StreamState): readonly ConverseStreamMember[] {
  if (!state.open) return []
  const { index, block, hasInput } = state.open
  state.open = null
  const stop = member('contentBlockStop', { contentBlockIndex: index })
  // The whole input may also be in the start event of its block.
  if (block.type !== 'tool_use' || hasInput || Object.keys(block.input).length === 0) return [stop]
  const delta = { toolUse: { input: JSON.stringify(block.input) } }
  return [member('contentBlockDelta', { delta, contentBlockIndex: index }), stop]
}

function finish(state: StreamState, options: ConverseStreamOptions): readonly ConverseStreamMember[] {
  const { message, ending, usage } = state
  const { latencyMs, responsePaths = [], serviceTier } = options
  const fields = pickResponseFields({ ...message, ...ending, usage, delta: ending }, responsePaths)
  return [
    member('messageStop', {
      stopReason: stopReasonToConverse(ending.stop_reason),
      ...(fields && { additionalModelResponseFields: fields }),
    }),
    member('metadata', {
      usage: usageToConverse(usage),
      metrics: { latencyMs: latencyMs() },
      ...(serviceTier !== undefined && { serviceTier: { type: serviceTier } }),
    }),
  ]
}

/** The start of a block and the deltas for the content of its start event; null if Converse has no such block. */
function createStart(
  block: OutputBlock,
): { readonly start?: JsonObject; readonly deltas: readonly JsonObject[] } | null {
  switch (block.type) {
    case 'text':
      return { deltas: listTextDeltas(block) }
    case 'thinking':
      return { deltas: listThinkingDeltas(block) }
    case 'redacted_thinking':
      return isBase64(block.data) ? { deltas: [{ reasoningContent: { redactedContent: block.data } }] } : null
    case 'tool_use':
      return { start: { toolUse: { toolUseId: block.id, name: block.name } }, deltas: [] }
    case 'server_tool_use':
    case 'mcp_tool_use':
    case 'web_search_tool_result':
    case 'web_fetch_tool_result':
    case 'code_execution_tool_result':
    case 'bash_code_execution_tool_result':
    case 'text_editor_code_execution_tool_result':
    case 'tool_search_tool_result':
    case 'advisor_tool_result':
    case 'mcp_tool_result':
    case 'container_upload':
      break
  }
  return null
}

function listTextDeltas({ text, citations }: TextBlock): readonly JsonObject[] {
  const cited = (citations ?? []).map((citation) => ({ citation: citationToConverse(citation) }))
  return text === '' ? cited : [{ text }, ...cited]
}

function listThinkingDeltas({ thinking, signature }: ThinkingBlock): readonly JsonObject[] {
  const deltas: JsonObject[] = []
  if (thinking !== '') deltas.push({ reasoningContent: { text: thinking } })
  if (signature !== '') deltas.push({ reasoningContent: { signature } })
  return deltas
}

function toDelta(delta: BlockDelta): JsonObject | null {
  switch (delta.type) {
    case 'text_delta':
      return { text: delta.text }
    case 'input_json_delta':
      return { toolUse: { input: delta.partial_json } }
    case 'thinking_delta':
      return { reasoningContent: { text: delta.thinking } }
    case 'signature_delta':
      return { reasoningContent: { signature: delta.signature } }
    case 'citations_delta':
      return { citation: citationToConverse(delta.citation) }
  }
  return null
}

/** Inferred: the mapping of model errors to stream exceptions is not documented. */
const exceptions: Readonly<Record<string, ConverseExceptionType>> = {
  api_error: 'internalServerException',
  invalid_request_error: 'validationException',
  overloaded_error: 'serviceUnavailableException',
  rate_limit_error: 'throttlingException',
}

function toException({
  type,
  message,
}: {
  readonly type: string
  readonly message: string
}): ConverseStreamMember {
  const known = Object.hasOwn(exceptions, type) ? exceptions[type] : undefined
  if (known) return { kind: 'exception', exceptionType: known, payload: { message } }
  const status = wireErrors.find((error) => error.type === type)?.status
  const payload = { message, originalMessage: message, ...(status && { originalStatusCode: status }) }
  return { kind: 'exception', exceptionType: 'modelStreamErrorException', payload }
}

function member(eventType: ConverseEventType, payload: JsonObject): ConverseStreamMember {
  return { kind: 'event', eventType, payload }
}
