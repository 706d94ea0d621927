import type { RequestFacts } from '../check.ts'
import type { Model } from '../model.ts'
import type { Rule } from '../rule.ts'
import { sampling } from './sampling.ts'

/** What extended thinking asks of a model and of the rest of the request. */
export const thinkingRules: readonly Rule[] = [
  {
    code: 'budget_too_small',
    path: 'thinking.budget_tokens',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: `Give thinking a budget of at least 1024 tokens, or leave thinking out.`,
    test: ({ thinking_type, budget_tokens }) =>
      thinking_type === 'enabled' && budget_tokens !== undefined && budget_tokens < minBudgetTokens
        ? 'thinking.enabled.budget_tokens: Input should be greater than or equal to 1024'
        : null,
  },
  {
    code: 'thinking_unsupported',
    path: 'thinking',
    source: 'Models overview, August 2025; text from public issue reports',
    hint: 'Leave thinking out, or choose a model with extended thinking.',
    test: ({ thinking_type }, model) =>
      thinking_type === 'enabled' && model.thinking === null
        ? `'${model.id}' does not support thinking.`
        : null,
  },
  {
    code: 'adaptive_thinking_unsupported',
    path: 'thinking.type',
    source: 'Migration guide, 2026; text from public issue reports',
    hint: 'Use {"type": "enabled", "budget_tokens": n} where the model thinks, else leave thinking out.',
    test: ({ thinking_type }, model) =>
      thinking_type === 'adaptive' && model.thinking?.types.includes('adaptive') !== true
        ? 'adaptive thinking is not supported on this model'
        : null,
  },
  {
    code: 'budget_not_below_max_tokens',
    path: 'max_tokens',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Raise max_tokens above the thinking budget, or lower the budget.',
    test: (facts, model) => {
      const { max_tokens, budget_tokens } = facts
      if (!thinks(facts, model) || max_tokens === undefined || budget_tokens === undefined) return null
      if (budget_tokens < max_tokens || mayInterleave(facts, model)) return null
      return `\`max_tokens\` must be greater than \`thinking.budget_tokens\`. ${consult('max-tokens-and-context-window-size')}`
    },
  },
  {
    code: 'temperature_with_thinking',
    path: 'temperature',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Leave temperature out, or set it to 1, while thinking is on.',
    test: (facts, model) => {
      const { temperature } = sampling(facts)
      if (!thinks(facts, model) || temperature === undefined || temperature === 1) return null
      return `\`temperature\` may only be set to 1 when thinking is enabled. ${consult(considerations)}`
    },
  },
  {
    code: 'top_p_with_thinking',
    path: 'top_p',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Leave top_p out, or keep it from 0.95 to 1, while thinking is on.',
    test: (facts, model) => {
      const { top_p } = sampling(facts)
      if (!thinks(facts, model) || top_p === undefined || top_p >= 0.95) return null
      return `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled. ${consult(considerations)}`
    },
  },
  {
    code: 'top_k_with_thinking',
    path: 'top_k',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Leave top_k out while thinking is on.',
    test: (facts, model) =>
      thinks(facts, model) && sampling(facts).top_k !== undefined
        ? `\`top_k\` must be unset when thinking is enabled. ${consult(considerations)}`
        : null,
  },
  {
    code: 'forced_tool_with_thinking',
    path: 'tool_choice',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Use tool_choice auto or none while thinking is on.',
    test: (facts, model) =>
      thinks(facts, model) && ['any', 'tool'].includes(facts.tool_choice_type ?? '')
        ? 'Thinking may not be enabled when tool_choice forces tool use.'
        : null,
  },
  {
    code: 'prefill_with_thinking',
    path: 'messages',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'End the conversation with a user message, or give back the thinking blocks of the last answer.',
    test: (facts, model) => {
      if (!thinks(facts, model) || facts.prefill !== true) return null
      const at = facts.last_message_index
      const where = at === undefined ? 'messages' : `messages.${at}.content.0.type`
      return (
        `${where}: Expected \`thinking\` or \`redacted_thinking\`, but found \`text\`. When \`thinking\` is enabled, a final ` +
        '`assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and ' +
        '`tool_result` blocks). We recommend you include thinking blocks from previous turns. To avoid this ' +
        `requirement, disable \`thinking\`. ${consult()}`
      )
    },
  },
]

const minBudgetTokens = 1024
const considerations = 'important-considerations-when-using-extended-thinking'

/** True when thinking is switched on for a model that has it; a model without it is refused by another rule. */
function thinks(facts: RequestFacts, model: Model): boolean {
  return facts.thinking_type === 'enabled' && model.thinking !== null
}

/** With interleaved thinking the budget is for all thinking of a turn with tools, and may exceed max_tokens. */
function mayInterleave({ betas, has_tools }: RequestFacts, { thinking }: Model): boolean {
  const header = thinking?.interleaved ?? null
  return header !== null && betas?.includes(header) === true && has_tools !== false
}

/**
 * The end of the texts on thinking. The place of the documentation in it moved with the documentation; this is the
 * form of autumn 2025, in which all of these texts were seen.
 */
function consult(section?: string): string {
  const page = 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
  return `Please consult our documentation at ${page}${section === undefined ? '' : `#${section}`}`
}
