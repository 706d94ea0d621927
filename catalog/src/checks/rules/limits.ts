import type { RequestFacts } from '../request-facts.ts'
import { limitOn } from '../../tokens/limit.ts'
import type { Limit, Model } from '../../model.ts'
import type { Rule } from '../rule.ts'

/** The input and output limits of a model. */
export const limitRules: readonly Rule[] = [
  {
    code: 'max_tokens_above_model',
    path: 'max_tokens',
    source: 'Models overview, August 2025 and 2026; text from public issue reports',
    hint: 'Lower max_tokens to the maximum output of the model.',
    test: (facts, model, { day }) => {
      const { max_tokens } = facts
      const ceiling = maxOutputTokens(model, facts, day)
      if (max_tokens === undefined || max_tokens <= ceiling) return null
      return `max_tokens: ${max_tokens} > ${ceiling}, which is the maximum allowed number of output tokens for ${model.id}`
    },
  },
  {
    code: 'too_much_media',
    path: 'messages',
    source:
      'Vision, November 2025 and August 2026; text from github.com/anthropics/claude-code/issues/23392, February 2026',
    hint: 'Send fewer images and documents in one request.',
    test: ({ image_count, document_count }, model, { day }) => {
      const [images, documents] = [image_count ?? 0, document_count ?? 0]
      const most = limitOn(model.contextWindow, day).tokens >= 1_000_000 ? 600 : 100
      return images + documents > most
        ? `too many images and documents: ${images} + ${documents} > ${most}`
        : null
    },
  },
]

/** Errors that the API returns after counting tokens, if nothing else is wrong. */
export const countingRules: readonly Rule[] = [
  {
    code: 'prompt_too_long',
    path: 'messages',
    source: 'Context windows, November 2025; text from public issue reports',
    hint: 'Shorten the prompt, or use a model or beta with a larger context window.',
    test: (facts, model, { day }) => {
      const { input_tokens } = facts
      const window = windowTokens(model, facts, day)
      if (input_tokens === undefined || input_tokens <= window) return null
      return `prompt is too long: ${input_tokens} tokens > ${window} maximum`
    },
  },
  {
    code: 'context_exceeded',
    path: 'max_tokens',
    source: 'Context windows, November 2025; text from public issue reports',
    hint: 'Lower max_tokens or shorten the prompt, so that both fit into the context window.',
    test: (facts, model, { day }) => {
      const { input_tokens, max_tokens, betas } = facts
      if (model.behaviour.overflow !== 'refused' || betas?.includes(overflowBeta) === true) return null
      const window = windowTokens(model, facts, day)
      if (input_tokens === undefined || max_tokens === undefined || input_tokens > window) return null
      if (input_tokens + max_tokens <= window) return null
      return `input length and \`max_tokens\` exceed context limit: ${input_tokens} + ${max_tokens} > ${window}, decrease input length or \`max_tokens\` and try again`
    },
  },
]

/** With this beta a response that reaches the end of the window stops with `model_context_window_exceeded`. */
const overflowBeta = 'model-context-window-exceeded-2025-08-26'

/** The maximum prompt on a day with the given betas. */
export function windowTokens(model: Model, { betas }: RequestFacts, day: string): number {
  return raised(model.contextWindow, betas, day)
}

/** The maximum output on a day with the given betas; inside a batch another beta may raise it further. */
export function maxOutputTokens(model: Model, { betas, batch }: RequestFacts, day: string): number {
  const most = raised(model.maxOutput, betas, day)
  const inBatch = model.maxOutput.batch
  return batch === true && inBatch !== undefined && betas?.includes(inBatch.header) === true
    ? Math.max(most, inBatch.tokens)
    : most
}

/** The limit in force: the beta's, if its header is sent and still has an effect. */
function raised(limit: Limit, betas: readonly string[] | undefined, day: string): number {
  const { tokens, beta } = limitOn(limit, day)
  const inForce = beta !== null && betas?.includes(beta.header) === true
  return inForce && (beta.until === null || day < beta.until) ? beta.tokens : tokens
}

/** Unknown betas could be any; assume that all were sent. */
export function openBetas(
  facts: RequestFacts,
  { contextWindow, maxOutput }: Model,
  day: string,
): RequestFacts {
  if (facts.betas !== undefined) return facts
  const all = [limitOn(contextWindow, day).beta, limitOn(maxOutput, day).beta, maxOutput.batch ?? null]
  return { ...facts, betas: all.flatMap((beta) => beta?.header ?? []) }
}
