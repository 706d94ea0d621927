import type { EffectiveDated } from '../effective-dated.ts'

/** Tokens that a built-in tool definition adds to the prompt, by type; `since47` for Opus 4.7 and later. */
export type ToolTokens = EffectiveDated<{
  readonly tool: string
  readonly tokens: number
  readonly since47: number
  readonly note?: string
}>

/** In addition to `toolPromptTokens`, which any tool adds (Pricing pages). */
export const toolTokens: readonly ToolTokens[] = [
  { tool: 'bash', from: '2025-01-24', tokens: 245, since47: 245, source: 'pricing-2025-11' },
  { tool: 'bash', from: '2026-10-01', tokens: 244, since47: 325, source: 'pricing-2026-10' },
  { tool: 'text_editor_20250124', from: '2025-01-24', tokens: 700, since47: 700, source: 'pricing-2025-11' },
  { tool: 'text_editor_20250429', from: '2025-04-29', tokens: 700, since47: 700, source: 'pricing-2025-11' },
  { tool: 'text_editor_20250728', from: '2025-07-28', tokens: 745, since47: 974, source: 'pricing-2026-10' },
  {
    tool: 'computer',
    from: '2025-01-24',
    tokens: 735,
    since47: 735,
    note: 'In addition to 466 to 499 tokens in the system prompt.',
    source: 'pricing-2025-11',
  },
  {
    tool: 'computer_toolset_20260801',
    from: '2026-08-01',
    tokens: 4500,
    since47: 4500,
    note: 'About.',
    source: 'pricing-2026-10',
  },
  {
    tool: 'browser_toolset_20260801',
    from: '2026-08-01',
    tokens: 6600,
    since47: 6600,
    note: 'About.',
    source: 'pricing-2026-10',
  },
]
