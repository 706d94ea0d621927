import type { Model, Platform } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { isFrom } from '../rule.ts'

/** Allowed roles and contents of messages. */
export const conversationRules: readonly Rule[] = [
  {
    code: 'prefill_unsupported',
    path: 'messages',
    source: 'Migration guide, 2026; text from public issue reports',
    hint: 'End with a user message; set the format with output_config.format or in the prompt.',
    test: ({ prefill }, model) =>
      prefill === true && !model.behaviour.prefill
        ? 'This model does not support assistant message prefill. The conversation must end with a user message.'
        : null,
  },
  {
    code: 'system_message_unsupported',
    path: 'messages',
    source: 'What is new, 2026, and Claude on Amazon Bedrock, August 2026; text from public issue reports',
    hint: 'Move it to the top-level system parameter, or choose Opus 4.8 or a later model.',
    test: ({ system_message }, model, { platform }) =>
      system_message === true && !takesSystemMessages(model, platform)
        ? 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
        : null,
  },
  {
    code: 'citations_unsupported',
    path: 'messages',
    source: 'Citations, November 2025; text inferred',
    hint: 'Leave citations out, or choose another model.',
    test: ({ citations }, model) =>
      citations === true && !model.behaviour.citations ? `'${model.id}' does not support citations.` : null,
  },
]

/** Rules about turns that the API checks after the required headers. */
export const turnRules: readonly Rule[] = [
  {
    code: 'system_message_misplaced',
    path: 'messages',
    source: 'Mid-conversation system messages, 2026; texts as public test suites measured them',
    hint: 'Put the system message after a user message, and before an assistant message or at the end.',
    test: ({ system_entry_problem: problem }, model, { platform }) =>
      problem !== undefined && takesSystemMessages(model, platform) ? problem : null,
  },
  {
    code: 'first_role_assistant',
    path: 'messages',
    source: 'Release notes, 8 October 2024; text from public issue reports',
    hint: 'Begin the conversation with a user message.',
    test: ({ first_role }, _model, { today }) =>
      first_role === 'assistant' && today < '2024-10-08'
        ? 'messages: first message must use the "user" role'
        : null,
  },
  {
    code: 'clear_thinking_without_thinking',
    path: 'context_management.edits',
    source: 'Context editing, November 2025; text from public issue reports, 2025 and 2026',
    hint: 'Leave the edit out, or switch thinking on.',
    test: ({ edit_types, thinking_type }, model) => {
      if (edit_types?.includes('clear_thinking_20251015') !== true) return null
      const type = thinking_type ?? model.thinking?.default ?? 'off'
      return type === 'disabled' || type === 'off'
        ? '`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive'
        : null
    },
  },
]

/** Sonnet 5 on Bedrock is documented not to accept them. */
function takesSystemMessages(model: Model, platform: Platform): boolean {
  return isFrom(model, '4.8') && !(platform === 'bedrock' && model.id === 'claude-sonnet-5')
}
