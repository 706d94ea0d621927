/**
 * The quotas of a model at an upstream, each with limits of its own ("Rate limits", 2026; Vertex AI has `-fable-fast`
 * for fast mode): a refusal of one says nothing about the others. Calls of a Priority Tier count in `messages` too
 * ("Service tiers", 2025), and so do long prompts since the end of their beta. Batches and files have limits as well, but
 * no choice of an upstream.
 */
export const quotas = ['messages', 'fast', 'token_count'] as const

export type Quota = (typeof quotas)[number]

export function isQuota(value: unknown): value is Quota {
  return quotas.some((quota) => quota === value)
}
