import type { Target } from './rig.ts'

/** A running gateway, as a client sees it. */
export type PlatformTarget = Omit<Target, 'running'>

/** What a client read from its answers. */
export interface Heard {
  readonly plain: string
  readonly streamed: string
  /** The city in the call of the tool, and the answer to its result. */
  readonly city: string
  readonly answer: string
}

export const question = 'Why is the sky blue?'
export const toolQuestion = 'How is the weather in Lisbon?'
export const toolResult = 'It is 18 degrees and windy.'
export const profile = 'us.anthropic.claude-opus-4-5-20251101-v1:0'
export const weatherSchema = {
  type: 'object' as const,
  properties: { city: { type: 'string' as const, description: 'Such as Paris' } },
  required: ['city'],
}
export function readCity(input: unknown): string {
  return String(Object(input)['city'])
}
