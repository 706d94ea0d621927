/** USD per million tokens. */
export const PRICES: Record<string, { input: number; output: number }> = {
  'gpt-4o': { input: 2.5, output: 10 },
  'claude-opus-4-1-20250805': { input: 15, output: 75 },
}

/** With our discount; the numbers are not the published ones. */
export const DISCOUNTED: Record<string, { input: number; output: number }> = {
  'claude-opus-4-1-20250805': { input: 13.2, output: 66.1 },
}

export const CACHE_READ = {
  'claude-opus-4-1': 1.5,
}

export const CONTEXT_WINDOW: Record<string, number> = {
  'claude-opus-4-1-20250805': 200_000,
}

export function cost(model: string, input: number, output: number): number {
  const price = PRICES[model] ?? PRICES['claude-opus-4-1-20250805']
  if (price === undefined) throw new Error(`no price of ${model}`)
  return (input * price.input + output * price.output) / 1e6
}

export function maxOutput(model: string): number {
  switch (model) {
    case 'claude-opus-4-1-20250805':
      return 32_000
    case 'gpt-4o':
      return 16_384
    default:
      return 8_192
  }
}
