import type { RequestFacts } from '../request-facts.ts'
import type { Model, Platform, ThinkingType } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { extraInput } from '../rule.ts'
import { sampling, thinks } from './sampling.ts'

/** The requirements of extended thinking on the model and the rest of the request. */
export const thinkingRules: readonly Rule[] = [
  {
    code: 'budget_too_small',
    path: 'thinking.budget_tokens',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Set budget_tokens to at least 1024, or leave thinking out.',
    test: ({ thinking_type, budget_tokens }, model) =>
      thinking_type === 'enabled' &&
      budget_tokens !== undefined &&
      budget_tokens < (model.thinking?.minBudgetTokens ?? minBudgetTokens) &&
      (model.thinking === null || takes(model, 'enabled'))
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
    hint: 'Use {"type": "enabled", "budget_tokens": n} if the model supports thinking; otherwise leave thinking out.',
    test: ({ thinking_type }, model) =>
      thinking_type === 'adaptive' && !takes(model, 'adaptive')
        ? 'adaptive thinking is not supported on this model'
        : null,
  },
  {
    code: 'enabled_thinking_unsupported',
    path: 'thinking.type',
    source: 'Migration guide, 2026; text from public issue reports',
    hint: 'Use {"type": "adaptive"} and output_config.effort.',
    test: ({ thinking_type }, model) =>
      thinking_type === 'enabled' && model.thinking !== null && !takes(model, 'enabled')
        ? '"thinking.type.enabled" is not supported for this model. Use "thinking.type.adaptive" and "output_config.effort" to control thinking behavior.'
        : null,
  },
  unsupportedType('disabled', 'Leave thinking out, or lower output_config.effort.'),
  unsupportedType('between_tools', 'Use {"type": "adaptive"} or {"type": "disabled"}, as the model allows.'),
  {
    code: 'budget_with_other_type',
    path: 'thinking.budget_tokens',
    source: 'Messages API schema, 2025 and 2026',
    hint: 'Leave budget_tokens out: it is only for thinking of type enabled.',
    test: ({ thinking_type, budget_tokens }) =>
      budget_tokens !== undefined && ['adaptive', 'disabled', 'between_tools'].includes(thinking_type ?? '')
        ? extraInput(`thinking.${thinking_type}.budget_tokens`)
        : null,
  },
  {
    code: 'budget_not_below_max_tokens',
    path: 'max_tokens',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Raise max_tokens above the thinking budget, or lower the budget.',
    test: (facts, model) => {
      const { max_tokens, budget_tokens } = facts
      if (!thinksByBudget(facts, model) || max_tokens === undefined || budget_tokens === undefined)
        return null
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
      return `\`temperature\` may only be set to 1 when thinking is enabled${ending(facts)}`
    },
  },
  {
    code: 'top_p_with_thinking',
    path: 'top_p',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Leave top_p out, or keep it between 0.95 and 1, while thinking is on.',
    test: (facts, model) => {
      const { top_p } = sampling(facts)
      if (!thinks(facts, model) || isFixed(model) || top_p === undefined || top_p >= 0.95) return null
      return `\`top_p\` must be greater than or equal to 0.95 or unset when thinking is enabled${ending(facts)}`
    },
  },
  {
    code: 'top_k_with_thinking',
    path: 'top_k',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'Leave top_k out while thinking is on.',
    test: (facts, model) =>
      thinks(facts, model) && !isFixed(model) && sampling(facts).top_k !== undefined
        ? `\`top_k\` must be unset when thinking is enabled${ending(facts)}`
        : null,
  },
  {
    code: 'forced_tool_with_thinking',
    path: 'tool_choice',
    source:
      'Extended thinking, November 2025; model migration of the Claude API skill, July 2026: Sonnet 5 on Bedrock; text from public issue reports',
    hint: 'Use tool_choice auto or none while thinking is on.',
    test: (facts, model, { platform }) =>
      isForced(facts) && (thinksByBudget(facts, model) || thinksOnBedrock(facts, model, platform))
        ? 'Thinking may not be enabled when tool_choice forces tool use.'
        : null,
  },
  {
    code: 'forced_tool_unsupported',
    path: 'tool_choice',
    source: 'Model pages, September to November 2026; text from public issue reports',
    hint: 'Use tool_choice auto, and name the tool to use in the prompt.',
    test: (facts, model) =>
      model.behaviour.forcedToolChoice === 'never' && isForced(facts)
        ? 'tool_choice: type "tool" and "any" are not supported for this model.'
        : null,
  },
  {
    code: 'prefill_with_thinking',
    path: 'messages',
    source: 'Extended thinking, November 2025; text from public issue reports',
    hint: 'End the conversation with a user message, or include the thinking blocks of the last answer.',
    test: (facts, model) => {
      if (!thinks(facts, model) || facts.prefill !== true || !model.behaviour.prefill) return null
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

/** True if thinking with a budget is enabled for a model that has it; other rules reject it for other models. */
function thinksByBudget(facts: RequestFacts, model: Model): boolean {
  return facts.thinking_type === 'enabled' && thinks(facts, model)
}

/** Bedrock forces a tool of Sonnet 5 only with `thinking.type: "disabled"`, because it thinks by default. */
function thinksOnBedrock({ thinking_type }: RequestFacts, { id }: Model, platform: Platform): boolean {
  return platform === 'bedrock' && id === 'claude-sonnet-5' && thinking_type !== 'disabled'
}

function takes({ thinking }: Model, type: ThinkingType): boolean {
  return thinking?.types.includes(type) === true
}

function isForced({ tool_choice_type }: RequestFacts): boolean {
  return tool_choice_type === 'any' || tool_choice_type === 'tool'
}

/** Another rule already rejects any value of top_p and top_k but the default. */
function isFixed({ behaviour }: Model): boolean {
  return behaviour.sampling === 'default_only'
}

/** A model without thinking accepts `disabled`. The end of the text is inferred. */
function unsupportedType(type: 'disabled' | 'between_tools', hint: string): Rule {
  return {
    code: `${type}_thinking_unsupported`,
    path: 'thinking.type',
    source: 'Model pages, 2026; text from public issue reports, its end inferred',
    hint,
    test: ({ thinking_type }, model) =>
      thinking_type === type && !takes(model, type) && (model.thinking !== null || type !== 'disabled')
        ? `"thinking.type.${type}" is not supported for this model.`
        : null,
  }
}

/** With interleaved thinking the budget covers all thinking of a turn with tools, and may exceed max_tokens. */
function mayInterleave({ betas, has_tools }: RequestFacts, { thinking }: Model): boolean {
  const header = thinking?.interleaved ?? null
  return header !== null && betas?.includes(header) === true && has_tools !== false
}

/**
 * The end of the texts about thinking. The link in it has moved with the documentation; this is the form of
 * autumn 2025, in which all of these texts were seen.
 */
function consult(section?: string): string {
  const page = 'https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
  return `Please consult our documentation at ${page}${section === undefined ? '' : `#${section}`}`
}

/**
 * The end of the texts about sampling. The adaptive form was seen for temperature in March and August 2026
 * (github.com/dotCipher/opencode-claude-bridge/pull/1, github.com/mnfst/modelparams.dev/issues/214); for
 * the other parameters it is inferred.
 */
function ending({ thinking_type }: RequestFacts): string {
  if (thinking_type !== 'adaptive') return `. ${consult(considerations)}`
  const page = 'https://platform.claude.com/docs/en/build-with-claude/extended-thinking'
  return ` or in adaptive mode. Please consult our documentation at ${page}`
}
