import type { Rule } from '../rule.ts'
import { extraInput, isFrom } from '../rule.ts'

/** Who may speak, and what may stand in a message. */
export const conversationRules: readonly Rule[] = [
  {
    code: 'prefill_unsupported',
    path: 'messages',
    source: 'Migration guide, 2026; text from public issue reports',
    hint: 'End with a user message; ask for a format with output_config.format or in the prompt.',
    test: ({ prefill }, model) =>
      prefill === true && !model.behaviour.prefill
        ? 'This model does not support assistant message prefill. The conversation must end with a user message.'
        : null,
  },
  {
    code: 'system_message_unsupported',
    path: 'messages',
    source: 'What is new, 2026, and Claude on Amazon Bedrock, August 2026; text from public issue reports',
    hint: 'Put it into the top-level system parameter, or choose a model from Opus 4.8 on.',
    test: ({ system_message }, model, { platform }) => {
      // On Bedrock Sonnet 5 is named as one that does not take them.
      const taken = isFrom(model, '4.8') && !(platform === 'bedrock' && model.id === 'claude-sonnet-5')
      if (system_message !== true || taken) return null
      return 'messages: Unexpected role "system". The Messages API accepts a top-level `system` parameter, not "system" as an input message role.'
    },
  },
  {
    code: 'assistant_document',
    path: 'messages',
    source: 'Versions, API version 2026-10-21; text inferred',
    hint: 'Put the document into a user message, or send anthropic-version 2023-06-01.',
    test: ({ assistant_document, api_version }) =>
      assistant_document === true && api_version === latestVersion
        ? 'messages: `document` blocks can only be in `user` messages'
        : null,
  },
  {
    code: 'user_citations',
    path: 'messages',
    source: 'Versions, API version 2026-10-21; text inferred',
    hint: 'Leave the citations of user text out, or send anthropic-version 2023-06-01.',
    test: ({ user_citations, api_version }) =>
      user_citations === true && api_version === latestVersion ? extraInput('messages: citations') : null,
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

const latestVersion = '2026-10-21'
