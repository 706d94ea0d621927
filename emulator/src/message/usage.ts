import { readText } from '@anthology/wire'
import type { MessageUsage, ServerToolUsage } from '@anthology/wire'

import { countJsonTokens } from '../cache/block-tokens.ts'
import { withoutCacheControl } from '../cache/cache-control.ts'
import type { CachedPrompt } from '../cache/measure.ts'
import type { ServiceTier } from '../capacity/capacity.ts'
import { getSpeed } from '../capacity/speed.ts'
import type { ValidRequest } from './valid-request.ts'
import type { Completion } from '../generate/completion.ts'
import type { TextTokenizer } from '@anthology/catalog'

/** Computes `usage` with the members that it has on the day (docs.claude.com, api/messages, Nov 2025 and 2026). */
export function computeUsage(
  validation: ValidRequest,
  { blocks, outputTokens, thinkingTokens }: Completion,
  { cached, tier }: { readonly cached: CachedPrompt; readonly tier: ServiceTier },
): MessageUsage {
  const { request, model, prompt, day } = validation
  const serverTools = countServerTools(blocks, day)
  const geo = model.behaviour.inferenceGeo ? (request.inference_geo ?? 'global') : 'not_available'
  return {
    ...cached.usage,
    input_tokens: cached.usage.input_tokens + countResults(blocks, prompt.tokenizer),
    output_tokens: outputTokens,
    ...(serverTools && { server_tool_use: serverTools }),
    service_tier: tier,
    ...(day >= since.inferenceGeo && { inference_geo: geo }),
    ...(day >= since.speed && { speed: getSpeed(request, validation) }),
    ...(day >= since.thinkingTokens && { output_tokens_details: { thinking_tokens: thinkingTokens } }),
  }
}

/**
 * The first day of each member. Inferred from the release of the first model that accepts a geography, the name of the
 * beta for fast mode, and the name of the beta for thinking token counts.
 */
const since = {
  webFetch: '2025-09-10',
  inferenceGeo: '2026-02-05',
  speed: '2026-02-01',
  thinkingTokens: '2026-05-13',
} as const

/**
 * Results of server tools are input of the same response, because the model reads them before it continues
 * (docs.claude.com, about-claude/pricing); `count_tokens` covers only the prompt. Inferred: each result counts once,
 * however often the model is called again.
 */
function countResults(blocks: Completion['blocks'], tokenizer: TextTokenizer): number {
  return blocks
    .flatMap((block) => (block.kind === 'whole' && 'tool_use_id' in block.block ? block.block : []))
    .reduce((total, block) => total + countJsonTokens(withoutCacheControl(block), tokenizer), 0)
}

/** Counts searches and fetches; failed searches are free (docs.claude.com, about-claude/pricing). Null if there are none. */
function countServerTools(blocks: Completion['blocks'], day: string): ServerToolUsage | null {
  const results = blocks.flatMap((block) => (block.kind === 'whole' ? block.block : []))
  const searches = results.filter(
    (block) => block.type === 'web_search_tool_result' && Array.isArray(block.content),
  ).length
  const fetches = results.filter(
    (block) =>
      block.type === 'web_fetch_tool_result' && readText(block.content, 'type') === 'web_fetch_result',
  ).length
  if (searches === 0 && fetches === 0) return null
  return { web_search_requests: searches, ...(day >= since.webFetch && { web_fetch_requests: fetches }) }
}
