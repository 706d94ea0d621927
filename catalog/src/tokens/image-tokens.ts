import { getDay } from '../day.ts'
import type { Model } from '../model.ts'
import type { EffectiveDated } from '../effective-dated.ts'
import { valueOn } from '../effective-dated.ts'

/** How the tokens of an image are counted after it is scaled down to fit. */
export type ImageRule = EffectiveDated<{
  readonly formula: 'area' | 'patches'
  /** `area`: pixels per token; `patches`: the side of the square that is one token. */
  readonly per: number
  readonly fit: Readonly<
    Record<Model['imageDetail'], { readonly longEdgePx: number; readonly tokens: number }>
  >
}>

const standard = { longEdgePx: 1568, tokens: 1600 } as const

/** The day of the change is not known; the second rule is on the page of August 2026. */
export const imageRules: readonly ImageRule[] = [
  {
    from: '2024-03-04',
    formula: 'area',
    per: 750,
    fit: { standard, high: standard },
    source: 'vision-2025-11',
  },
  {
    from: '2026-08-01',
    formula: 'patches',
    per: 28,
    fit: { standard: { longEdgePx: 1568, tokens: 1568 }, high: { longEdgePx: 2576, tokens: 4784 } },
    source: 'vision-2026-08',
  },
]

/** Estimates an image's tokens for a model on a day (default today); the API may differ by a few. */
export function imageTokens(
  { width, height }: { readonly width: number; readonly height: number },
  model: Model,
  asOf?: string,
): number {
  const rule = valueOn(imageRules, getDay(asOf)) ?? imageRules[0]
  if (rule === undefined || !(width > 0 && height > 0)) return 0
  const { longEdgePx, tokens } = rule.fit[model.imageDetail]
  const scale = Math.min(1, longEdgePx / Math.max(width, height))
  return Math.min(tokens, countTokens(rule, width * scale, height * scale))
}

function countTokens({ formula, per }: ImageRule, width: number, height: number): number {
  if (formula === 'area') return Math.ceil((width * height) / per)
  const [across, down] = [width, height].map((side) => Math.ceil(Math.max(1, Math.round(side)) / per))
  return (across ?? 1) * (down ?? 1)
}
