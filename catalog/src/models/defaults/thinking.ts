import type { ReturnedThinking, Thinking } from '../../model.ts'

/** The thinking of earlier turns is dropped. */
export const forgottenThinking: ReturnedThinking = {
  keepsEarlier: false,
  boundTo: 'nothing',
  checksConversation: false,
  readsUnbound: true,
  readsBoundOf: [],
}

/** Opus from 4.5 on, Sonnet from 4.6, Fable and Mythos (Thinking page, August 2026). That all of them read each other's is inferred. */
export const keptThinking: ReturnedThinking = { ...forgottenThinking, keepsEarlier: true }

/** From Fable 5.1 on (Preserved thinking page): the conversation is checked for accounts made since 2026-08-31. */
export const boundThinking: ReturnedThinking = {
  ...keptThinking,
  boundTo: 'model_and_conversation',
  checksConversation: true,
}

/** Thinking with a budget, switched on call by call. */
export const manualThinking: Thinking = {
  types: ['enabled', 'disabled'],
  default: 'off',
  shown: 'summarized',
  minBudgetTokens: 1024,
  interleaved: 'interleaved-thinking-2025-05-14',
  switchedOffUpToEffort: null,
  returned: forgottenThinking,
  note: null,
}

/** Thinking as much as the model sees fit; `enabled` with a budget is refused. */
export const adaptiveThinking: Thinking = {
  types: ['adaptive', 'disabled'],
  default: 'off',
  shown: 'omitted',
  minBudgetTokens: null,
  interleaved: null,
  switchedOffUpToEffort: null,
  returned: keptThinking,
  note: null,
}

/** Adaptive thinking that cannot be switched off. */
export const constantThinking: Thinking = { ...adaptiveThinking, types: ['adaptive'], default: 'always_on' }
