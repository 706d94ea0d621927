export enum ClaudeModel {
  Opus = 'claude-3-opus-20240229',
  Sonnet = 'claude-sonnet-5-5',
}

export const PICKER = [
  { id: 'claude-3-7-sonnet-20250219', label: 'Claude 3.7 Sonnet', contextWindow: 200_000 },
  { id: 'claude-sonnet-5-5', label: 'Claude Sonnet 5.5', contextWindow: 1_000_000 },
  { id: 'claude-4-sonnet-20250514', label: 'Claude Sonnet 4', contextWindow: 200_000 },
]

export const OPENROUTER = new Set([
  'anthropic/claude-3.5-sonnet:beta',
  'anthropic/claude-3.7-sonnet',
  'anthropic/claude-sonnet-5.5',
  'anthropic/claude-opus-4.1',
])

export type ModelId = 'claude-3-7-sonnet-20250219' | 'claude-sonnet-4-20250514' | (string & {})

const shortNames: Record<string, string> = {
  'claude-3-5-sonnet': 'claude-sonnet-5-5',
  haiku: 'claude-3-5-haiku-20241022',
}

export function pick(name: string) {
  switch (name) {
    case 'claude-3-7-sonnet-20250219':
      return 64_000
    default:
      return shortNames[name]
  }
}

export const supportsThinking = (model: string) => /claude-(3-7|sonnet-4|opus-4)/.test(model) || model.includes('3-7-sonnet')
export const isAnthropic = (model: string) => model.startsWith('claude')
