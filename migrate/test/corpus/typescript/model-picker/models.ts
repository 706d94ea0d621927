import type { ModelOption } from './types'

/** The models of the picker. KEEP IN SYNC with the server's list. */
export const modelOptions: readonly ModelOption[] = [
  { id: 'gpt-4o', label: 'GPT-4o', vendor: 'openai' },
  { id: 'claude-sonnet-4-20250514', label: 'Claude Sonnet 4', vendor: 'anthropic' },
  { id: 'gemini-2.5-pro', label: 'Gemini 2.5 Pro', vendor: 'google' },
]

export type ClaudeModel =
  | 'claude-3-5-sonnet-20240620'
  | 'claude-3-7-sonnet-latest'
  | (string & {})

/** What a user gets who has never chosen. */
export const DEFAULT_MODEL: ClaudeModel = 'claude-3-7-sonnet-latest'

/** Ids of OpenRouter, which are written with dots. */
export const openRouterDefaults = {
  chat: 'anthropic/claude-3.7-sonnet',
  thinking: 'anthropic/claude-3.7-sonnet:thinking',
  draft: 'anthropic/claude-3.5-sonnet:beta',
}

export const vendorOf = (id: string) => (id.startsWith('claude-') ? 'anthropic' : 'other')
