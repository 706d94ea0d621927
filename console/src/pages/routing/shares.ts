import type { Weights } from '../../api/routing.ts'

/** The share of the conversations that each upstream of a group gets, in percent; null: no upstream has a weight above 0. */
export function computeShares(group: readonly string[], weights: Weights): Weights | null {
  const sum = group.reduce((total, name) => total + getWeight(weights, name), 0)
  // An upstream that is alone in its group gets all conversations, whatever its weight.
  if (group.length === 1) return Object.fromEntries(group.map((name) => [name, 100]))
  if (sum === 0) return null
  return Object.fromEntries(group.map((name) => [name, (100 * getWeight(weights, name)) / sum]))
}

function getWeight(weights: Weights, name: string): number {
  return weights[name] ?? 1
}

/** Reads a weight that a user typed: 0 or more. Returns null for anything else. */
export function parseWeight(text: string): number | null {
  return /^\d{1,9}(?:\.\d{1,6})?$/.test(text.trim()) ? Number(text) : null
}

/** Reads a share in percent, 0 to 100; an empty text is 100. Returns null for anything else. */
export function parseShare(text: string): number | null {
  if (text.trim() === '') return 100
  const share = parseWeight(text)
  return share !== null && share <= 100 ? share : null
}
