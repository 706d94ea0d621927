import { isRecord } from '../body/json-value.ts'
import type { JsonObject } from '../body/json-value.ts'
import type { MessageUsage, StopReason } from '../messages/message.ts'
import type { ConverseUsage } from './response.ts'

/**
 * A refusal becomes `content_filtered`, according to reports of Bedrock users (uncertain). `pause_turn` only
 * follows tools that run on the server, which Bedrock does not have, so the turn ends there.
 */
const stopReasons: Readonly<Record<StopReason, string>> = {
  end_turn: 'end_turn',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  model_context_window_exceeded: 'model_context_window_exceeded',
  refusal: 'content_filtered',
  pause_turn: 'end_turn',
}

const reasonsBack: Readonly<Record<string, StopReason>> = {
  end_turn: 'end_turn',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  model_context_window_exceeded: 'model_context_window_exceeded',
  content_filtered: 'refusal',
  guardrail_intervened: 'refusal',
}

/** A reason of a later API version is copied unchanged. */
export function stopReasonToConverse(reason: StopReason | null): string {
  return stopReasons[reason ?? 'end_turn'] ?? reason ?? 'end_turn'
}

/** `malformed_model_output` and `malformed_tool_use` have no equivalent and become `end_turn`. */
export function stopReasonToMessages(reason: unknown): StopReason {
  return typeof reason === 'string' && Object.hasOwn(reasonsBack, reason)
    ? (reasonsBack[reason] ?? 'end_turn')
    : 'end_turn'
}

/** Also accepts the merged usage of a stream, in which a count may be missing or null. */
export function usageToConverse(usage: object): ConverseUsage {
  const fields: JsonObject = { ...usage }
  const inputTokens = countIn(fields, 'input_tokens')
  const outputTokens = countIn(fields, 'output_tokens')
  const cacheReadInputTokens = countIn(fields, 'cache_read_input_tokens')
  const cacheWriteInputTokens = countIn(fields, 'cache_creation_input_tokens')
  const written = fields['cache_creation']
  const details = [
    { ttl: '1h', inputTokens: countIn(written, 'ephemeral_1h_input_tokens') },
    { ttl: '5m', inputTokens: countIn(written, 'ephemeral_5m_input_tokens') },
  ] as const
  return {
    inputTokens,
    outputTokens,
    totalTokens: inputTokens + outputTokens + cacheReadInputTokens + cacheWriteInputTokens,
    cacheReadInputTokens,
    cacheWriteInputTokens,
    cacheDetails: details.filter((detail) => detail.inputTokens > 0),
  }
}

function countIn(fields: unknown, name: string): number {
  const count = isRecord(fields) ? fields[name] : undefined
  return typeof count === 'number' ? count : 0
}

/** Cache writes without `cacheDetails` count with the default TTL of five minutes. */
export function usageToMessages(usage: Partial<ConverseUsage>): MessageUsage {
  const written = usage.cacheWriteInputTokens ?? 0
  const hour = (usage.cacheDetails ?? [])
    .filter(({ ttl }) => ttl === '1h')
    .reduce((sum, { inputTokens }) => sum + inputTokens, 0)
  return {
    input_tokens: usage.inputTokens ?? 0,
    cache_creation_input_tokens: written,
    cache_read_input_tokens: usage.cacheReadInputTokens ?? 0,
    cache_creation: { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour },
    output_tokens: usage.outputTokens ?? 0,
    service_tier: 'standard',
  }
}
