import { formatNanoUsd, computePrice } from '@anthology/catalog'
import type { Usage } from '@anthology/catalog'
import type { AccumulatedMessage } from '@anthology/wire'

import { formatCount } from '../number-format.ts'
import { getModel } from './conversation.ts'

/** The exact cost of one answer, or why it is not known. */
export type TurnCost =
  | {
      readonly ok: true
      readonly nanoUsd: bigint
      readonly inputTokens: number
      readonly outputTokens: number
    }
  | { readonly ok: false; readonly detail: string }

/** The cost of a conversation so far; turns without a known price are counted, never treated as free. */
export interface Bill {
  readonly nanoUsd: bigint
  readonly turns: number
  readonly unpriced: number
}

export const emptyBill: Bill = { nanoUsd: 0n, turns: 0, unpriced: 0 }

/** Prices an answer by the model that produced it, which may differ from the requested one. */
export function computeCost({ usage, model: name }: AccumulatedMessage): TurnCost {
  const model = typeof name === 'string' ? getModel(name) : null
  if (model === null) return { ok: false, detail: `no price is known for the model ${JSON.stringify(name)}` }
  // `computePrice` validates every member and returns `bad_usage` if one does not match the type.
  const counted = usage as Usage
  const price = computePrice(counted, model)
  if (!price.ok) return { ok: false, detail: price.detail }
  const inputTokens = [
    counted.input_tokens,
    counted.cache_creation_input_tokens,
    counted.cache_read_input_tokens,
  ].reduce<number>((sum, count) => sum + (count ?? 0), 0)
  return { ok: true, nanoUsd: price.totalNanoUsd, inputTokens, outputTokens: counted.output_tokens ?? 0 }
}

export function addCost(bill: Bill, cost: TurnCost): Bill {
  const turns = bill.turns + 1
  if (!cost.ok) return { ...bill, turns, unpriced: bill.unpriced + 1 }
  return { ...bill, turns, nanoUsd: bill.nanoUsd + cost.nanoUsd }
}

/** `12 in, 34 out  $0.00015  total $0.0023`. */
export function formatTurn(cost: TurnCost, bill: Bill, stopped: boolean): string {
  if (!cost.ok) return `cost unknown: ${cost.detail}  total ${describeTotal(bill)}`
  const { inputTokens, outputTokens, nanoUsd } = cost
  // An interrupted answer has only its first counts; the final cost is in the server's ledger.
  const least = stopped ? 'at least ' : ''
  const tokens = `${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`
  return `${tokens}  ${least}$${formatNanoUsd(nanoUsd)}  total ${describeTotal(bill)}`
}

export function describeTotal({ nanoUsd, unpriced }: Bill): string {
  const unknown =
    unpriced === 0 ? '' : ` and ${unpriced} ${unpriced === 1 ? 'turn' : 'turns'} of unknown cost`
  return `$${formatNanoUsd(nanoUsd)}${unknown}`
}
