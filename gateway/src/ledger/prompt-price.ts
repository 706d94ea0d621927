import { computePrice, roundPicoToNano } from '@anthology/catalog'
import type { Model, Platform, Usage } from '@anthology/catalog'

/** The parts of a prompt by how they are billed. */
export const promptComponents = ['input', 'write5m', 'write1h', 'read'] as const

export type PromptComponent = (typeof promptComponents)[number]

/** Tokens, or prices of one token, by component. */
export type PromptValues<Value> = Readonly<Record<PromptComponent, Value>>

/** A call whose prompt is priced. */
export interface PricedCall {
  readonly model: Model
  readonly platform: Platform
  readonly startedAtMs: number
  /** The prices of a token in pico-dollars that the call was billed with; null where it had no such tokens. */
  readonly unitPrices: PromptValues<bigint | null>
}

/**
 * The cost of a prompt in nano-dollars at the prices of a call; null if the call has no price and the prompt is not empty. The prices are those of
 * its row. One that the row does not have is the catalog's, in the proportion of another price to the catalog's: regional
 * premiums, long contexts and discounts multiply all of them alike.
 */
export function pricePrompt(call: PricedCall, tokens: PromptValues<number>): bigint | null {
  if (promptComponents.every((name) => tokens[name] === 0)) return 0n
  const listed = readListPrices(call)
  const known = promptComponents.find((name) => call.unitPrices[name] !== null)
  if (known === undefined || listed === null) return null
  const [paid, list] = [call.unitPrices[known] ?? 0n, listed[known]]
  let total = 0n
  for (const name of promptComponents) {
    const scaled = list === 0n ? 0n : (listed[name] * paid) / list
    total += roundPicoToNano(BigInt(tokens[name]) * (call.unitPrices[name] ?? scaled))
  }
  return total
}

/** The catalog's prices of the day of the call. */
function readListPrices({ model, platform, startedAtMs }: PricedCall): PromptValues<bigint> | null {
  const usage: Usage = {
    input_tokens: 1,
    output_tokens: 0,
    cache_read_input_tokens: 1,
    cache_creation_input_tokens: 2,
    cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 1 },
  }
  const asOf = new Date(startedAtMs).toISOString().slice(0, 10)
  const price = computePrice(usage, model, { asOf, platform })
  if (!price.ok) return null
  const find = (component: string): bigint =>
    price.lines.find((line) => line.component === component)?.picoUsdPerUnit ?? 0n
  return {
    input: find('input'),
    write5m: find('cache_write_5m'),
    write1h: find('cache_write_1h'),
    read: find('cache_read'),
  }
}
