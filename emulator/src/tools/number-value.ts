import type { Schema } from './json-schema.ts'
import type { GenerateState } from './generate-state.ts'

/** Returns a number from the question if one fits, else a small one within the bounds. */
export function makeNumber(schema: Schema, { hints, random }: GenerateState, name: string): number {
  const { low, high } = getBounds(schema)
  const step =
    typeof schema['multipleOf'] === 'number' && schema['multipleOf'] > 0 ? schema['multipleOf'] : null
  const fits = (value: number): boolean =>
    value >= low && value <= high && (step === null || isMultiple(value, step))
  const hinted = hints.number(name, fits)
  if (hinted !== null) return hinted
  const from = Number.isFinite(low) ? low : Math.min(1, high)
  const to = Math.min(high, from + maxRange * (step ?? 1))
  if (step === null)
    return from === to ? from : roundWithin(from + ((to - from) * (1 + random.below(98))) / 100, from, to)
  const first = Math.ceil(from / step)
  const last = Math.max(first, Math.floor(to / step))
  // Adding zero converts -0 to 0.
  return Number(((first + random.below(last - first + 1)) * step).toPrecision(15)) + 0
}

const maxRange = 99

function getBounds(schema: Schema): { readonly low: number; readonly high: number } {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema
  const isWhole = typeof schema['multipleOf'] === 'number' && Number.isInteger(schema['multipleOf'])
  const inside = (bound: number, direction: 1 | -1): number => {
    if (isWhole) return Number.isInteger(bound) ? bound + direction : bound
    return bound + direction * Math.max(1e-6, Math.abs(bound) * 1e-9)
  }
  const lows = [numberOr(minimum), typeof exclusiveMinimum === 'number' ? inside(exclusiveMinimum, 1) : null]
  const highs = [
    numberOr(maximum),
    typeof exclusiveMaximum === 'number' ? inside(exclusiveMaximum, -1) : null,
  ]
  return {
    low: Math.max(-Infinity, ...lows.filter((bound) => bound !== null)),
    high: Math.min(Infinity, ...highs.filter((bound) => bound !== null)),
  }
}

function numberOr(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}

function isMultiple(value: number, step: number): boolean {
  const times = value / step
  return Math.abs(times - Math.round(times)) < 1e-9
}

/** Rounds to two decimal places if that stays within the bounds. */
function roundWithin(value: number, low: number, high: number): number {
  const rounded = Math.round(value * 100) / 100
  return rounded >= low && rounded <= high ? rounded + 0 : value
}
