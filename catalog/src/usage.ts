/** The `usage` of a Message, as on the wire. It comes from outside, so every member may be missing or null. */
export type Usage = {
  readonly input_tokens?: number | null | undefined
  readonly output_tokens?: number | null | undefined
  readonly cache_creation_input_tokens?: number | null | undefined
  readonly cache_read_input_tokens?: number | null | undefined
  readonly cache_creation?:
    | {
        readonly ephemeral_5m_input_tokens?: number | null | undefined
        readonly ephemeral_1h_input_tokens?: number | null | undefined
      }
    | null
    | undefined
  readonly server_tool_use?: Readonly<Record<string, number | null | undefined>> | null | undefined
  readonly service_tier?: string | null | undefined
  readonly inference_geo?: string | null | undefined
  readonly speed?: string | null | undefined
}

/** How much there is of each thing that has a price. */
export type Quantities = {
  readonly input: bigint
  readonly cache_write_5m: bigint
  readonly cache_write_1h: bigint
  readonly cache_read: bigint
  readonly output: bigint
  readonly web_search: bigint
}

/** What a usage says of the terms it is paid at. */
export type UsageTerms = { readonly batch: boolean; readonly fast: boolean; readonly us: boolean }

export type ParsedUsage =
  | { readonly ok: true; readonly quantities: Quantities; readonly terms: UsageTerms }
  | { readonly ok: false; readonly because: 'unknown_price' | 'bad_usage'; readonly detail: string }

/** The quantities to pay for, if every number is a count and nothing in it needs a price that is not known. */
export function parseUsage(usage: Usage): ParsedUsage {
  if (!isObject(usage)) return { ok: false, because: 'bad_usage', detail: 'usage is not an object' }
  for (const name of ['cache_creation', 'server_tool_use'] as const) {
    const part: unknown = usage[name] ?? {}
    if (!isObject(part)) return { ok: false, because: 'bad_usage', detail: `${name} is not an object` }
  }
  const bad =
    findBadCount(usage, tokenCounts) ??
    findBadCount(usage.cache_creation ?? {}) ??
    findBadCount(usage.server_tool_use ?? {})
  if (bad !== null) {
    return { ok: false, because: 'bad_usage', detail: `${bad} is not a non-negative whole number` }
  }
  const unpriced = findUnpriced(usage)
  if (unpriced !== null) return { ok: false, because: 'unknown_price', detail: unpriced }
  const { service_tier, speed, inference_geo } = usage
  const terms = { batch: service_tier === 'batch', fast: speed === 'fast', us: inference_geo === 'us' }
  return { ok: true, quantities: quantitiesOf(usage), terms }
}

/**
 * Cache writes without a breakdown are for five minutes, and so is what the total has beyond the breakdown: that is
 * the default time to live (Prompt caching page). A breakdown beyond the total is what there is to pay for.
 */
function quantitiesOf(usage: Usage): Quantities {
  const written = big(usage.cache_creation_input_tokens)
  const for5m = big(usage.cache_creation?.ephemeral_5m_input_tokens)
  const for1h = big(usage.cache_creation?.ephemeral_1h_input_tokens)
  const rest = written - for5m - for1h
  return {
    input: big(usage.input_tokens),
    cache_write_5m: rest > 0n ? for5m + rest : for5m,
    cache_write_1h: for1h,
    cache_read: big(usage.cache_read_input_tokens),
    output: big(usage.output_tokens),
    web_search: big(usage.server_tool_use?.['web_search_requests']),
  }
}

/** Priority is paid by commitment and its tokens are listed at the standard price. */
const pricedTerms = {
  service_tier: ['standard', 'priority', 'batch'],
  inference_geo: ['global', 'not_available', 'us'],
  speed: ['standard', 'fast'],
} as const

const knownCounters = {
  cache_creation: ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'],
  server_tool_use: ['web_search_requests', 'web_fetch_requests'],
} as const

function findUnpriced(usage: Usage): string | null {
  for (const name of ['service_tier', 'inference_geo', 'speed'] as const) {
    const value = usage[name] ?? null
    const known: readonly string[] = pricedTerms[name]
    if (value !== null && !known.includes(value)) return `no price for ${name} ${quote(value)}`
  }
  for (const part of ['cache_creation', 'server_tool_use'] as const) {
    const known: readonly string[] = knownCounters[part]
    const counters = Object.entries(usage[part] ?? {})
    const counter = counters.find(([name, count]) => !known.includes(name) && big(count) > 0n)
    if (counter !== undefined) return `no price for ${quote(counter[0])} of ${part}`
  }
  return null
}

const tokenCounts = [
  'input_tokens',
  'output_tokens',
  'cache_creation_input_tokens',
  'cache_read_input_tokens',
] as const

function findBadCount(
  counts: Readonly<Record<string, unknown>>,
  names: readonly string[] = Object.keys(counts),
): string | null {
  for (const name of names) if (!isCount(counts[name])) return name
  return null
}

function isCount(value: unknown): boolean {
  return value === undefined || value === null || (Number.isSafeInteger(value) && Number(value) >= 0)
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function big(count: number | null | undefined): bigint {
  return BigInt(count ?? 0)
}

/** A short, printable form of text from outside. */
function quote(value: unknown): string {
  return JSON.stringify(String(value).slice(0, 40))
}
