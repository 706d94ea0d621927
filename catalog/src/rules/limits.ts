import type { LimitBeta } from '../model.ts'
import type { Rule } from '../rule.ts'

/** How much a model takes and puts out. */
export const limitRules: readonly Rule[] = [
  {
    code: 'max_tokens_above_model',
    path: 'max_tokens',
    source: 'Models overview, August 2025; text from public issue reports',
    hint: 'Ask for no more than the model can put out.',
    test: ({ max_tokens, betas }, model, day) => {
      const ceiling = limit(model.maxOutput, betas, day)
      if (max_tokens === undefined || max_tokens <= ceiling) return null
      return `max_tokens: ${max_tokens} > ${ceiling}, which is the maximum allowed number of output tokens for ${model.id}`
    },
  },
  {
    code: 'prompt_too_long',
    path: 'messages',
    source: 'Context windows, November 2025; text from public issue reports',
    hint: 'Shorten the prompt, or use a model or beta with a larger context window.',
    test: ({ input_tokens, betas }, model, day) => {
      const window = limit(model.contextWindow, betas, day)
      if (input_tokens === undefined || input_tokens <= window) return null
      return `prompt is too long: ${input_tokens} tokens > ${window} maximum`
    },
  },
  {
    code: 'context_exceeded',
    path: 'max_tokens',
    source: 'Context windows, November 2025; text from public issue reports',
    hint: 'Lower max_tokens or shorten the prompt, so that both fit into the context window.',
    test: ({ input_tokens, max_tokens, betas }, model, day) => {
      if (model.behaviour.overflow === 'cut' || betas?.includes(overflowBeta) === true) return null
      const window = limit(model.contextWindow, betas, day)
      if (input_tokens === undefined || max_tokens === undefined || input_tokens > window) return null
      if (input_tokens + max_tokens <= window) return null
      return `input length and \`max_tokens\` exceed context limit: ${input_tokens} + ${max_tokens} > ${window}, decrease input length or \`max_tokens\` and try again`
    },
  },
]

/** With it an answer that reaches the window's end stops there, with `model_context_window_exceeded`. */
const overflowBeta = 'model-context-window-exceeded-2025-08-26'

/** The limit in force: the beta's, while its header is sent and still has an effect. */
function limit(
  of: { readonly tokens: number; readonly beta: LimitBeta | null },
  betas: readonly string[] | undefined,
  day: string,
): number {
  const { beta } = of
  const raised =
    beta !== null && betas?.includes(beta.header) === true && (beta.until === null || day < beta.until)
  return raised ? beta.tokens : of.tokens
}
