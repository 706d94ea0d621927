import type { MessageUsage } from '@anthology/wire'

import type { ScriptedUsage } from '../scenario/scenario.ts'

/** Replaces members of a usage by those of a scenario, and adapts what follows from them, so that the sums stay right. */
export function applyUsage(derived: MessageUsage, given: ScriptedUsage | undefined): MessageUsage {
  if (given === undefined) return derived
  const { cache_creation: split, output_tokens: output, output_tokens_details: details, ...counts } = given
  const { server_tool_use: serverTools, ...members } = counts
  return {
    ...derived,
    ...members,
    ...replaceCacheCreation(derived, split, counts.cache_creation_input_tokens),
    ...replaceOutput(derived, output, details?.thinking_tokens),
    ...(serverTools && {
      server_tool_use: { web_search_requests: 0, ...derived.server_tool_use, ...serverTools },
    }),
  }
}

/** Without a split, all tokens were written for five minutes; without a sum, it is that of the split. */
function replaceCacheCreation(
  derived: MessageUsage,
  split: ScriptedUsage['cache_creation'],
  written: number | undefined,
): Pick<MessageUsage, 'cache_creation' | 'cache_creation_input_tokens'> {
  if (split === undefined && written === undefined) {
    const { cache_creation, cache_creation_input_tokens } = derived
    return { cache_creation, cache_creation_input_tokens }
  }
  const {
    ephemeral_1h_input_tokens: hour = 0,
    ephemeral_5m_input_tokens: minutes = (written ?? hour) - hour,
  } = split ?? {}
  return {
    cache_creation: { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour },
    cache_creation_input_tokens: minutes + hour,
  }
}

/** Thinking is a part of the output: given alone, it replaces its part, and it is never more than the output. */
function replaceOutput(
  derived: MessageUsage,
  output: number | undefined,
  thinking: number | undefined,
): Pick<MessageUsage, 'output_tokens' | 'output_tokens_details'> {
  const known = derived.output_tokens_details?.thinking_tokens ?? 0
  const total =
    output ?? (thinking === undefined ? derived.output_tokens : derived.output_tokens - known + thinking)
  const isDetailed = thinking !== undefined || derived.output_tokens_details !== undefined
  return {
    output_tokens: total,
    ...(isDetailed && {
      output_tokens_details: { thinking_tokens: Math.min(total, thinking ?? known) },
    }),
  }
}
