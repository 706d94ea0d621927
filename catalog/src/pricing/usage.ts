import { isRecord } from '../record.ts'

/** The `usage` of a Message, as on the wire. It is outside input, so every member may be missing or null. */
export interface Usage {
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
  readonly iterations?: readonly UsageIteration[] | null | undefined
}

/** One of the model runs that produced an answer. */
export type UsageIteration = Pick<
  Usage,
  | 'input_tokens'
  | 'output_tokens'
  | 'cache_creation_input_tokens'
  | 'cache_read_input_tokens'
  | 'cache_creation'
> & { readonly type: string }

/** The quantity of each priced component. */
export interface Quantities {
  readonly input: bigint
  readonly cache_write_5m: bigint
  readonly cache_write_1h: bigint
  readonly cache_read: bigint
  readonly output: bigint
  readonly web_search: bigint
}

/** The pricing terms that a usage contains. */
export interface UsageTerms {
  readonly batch: boolean
  readonly fast: boolean
  readonly us: boolean
}

export type ParsedUsage =
  | { readonly ok: true; readonly quantities: Quantities; readonly terms: UsageTerms }
  | { readonly ok: false; readonly because: 'unknown_price' | 'bad_usage'; readonly detail: string }

/** Parses the quantities to price; fails if a number is not a count, or if something has no known price. */
export function parseUsage(usage: Usage): ParsedUsage {
  const given: unknown = usage
  if (!isRecord(given)) return { ok: false, because: 'bad_usage', detail: 'usage is not an object' }
  for (const name of ['cache_creation', 'server_tool_use'] as const) {
    const part: unknown = usage[name] ?? {}
    if (!isRecord(part)) return { ok: false, because: 'bad_usage', detail: `${name} is not an object` }
  }
  const iterations: unknown = usage.iterations ?? null
  const extra = iterations === null ? noIterations : readIterations(iterations)
  if (!extra.ok) return extra
  const bad = findBadTokens(usage) ?? findBadCount(usage.server_tool_use ?? {})
  if (bad !== null) {
    return { ok: false, because: 'bad_usage', detail: `${bad} is not a non-negative whole number` }
  }
  const unpriced = findUnpriced(usage)
  if (unpriced !== null) return { ok: false, because: 'unknown_price', detail: unpriced }
  const { service_tier, speed, inference_geo } = usage
  const terms = { batch: service_tier === 'batch', fast: speed === 'fast', us: inference_geo === 'us' }
  const tokens = extra.compactions.reduce(
    (sum, one) => add(sum, readTokenCounts(one)),
    readTokenCounts(usage),
  )
  const web_search = big(usage.server_tool_use?.['web_search_requests'])
  return { ok: true, quantities: { ...tokens, web_search }, terms }
}

type Iterations =
  | { readonly ok: true; readonly compactions: readonly UsageIteration[] }
  | Extract<ParsedUsage, { ok: false }>

const noIterations: Iterations = { ok: true, compactions: [] }

/**
 * Iterations that the top-level counts do not include: "A `compaction` entry's tokens are not included in
 * the top-level `usage` fields" (@anthropic-ai/sdk 1.12.0, beta/messages.ts). The requested model does the
 * compaction; an advisor or a fallback is another model, with its own prices.
 */
function readIterations(iterations: unknown): Iterations {
  if (!Array.isArray(iterations))
    return { ok: false, because: 'bad_usage', detail: 'iterations is not a list' }
  const compactions: UsageIteration[] = []
  for (const one of iterations as readonly unknown[]) {
    if (!isIteration(one)) return { ok: false, because: 'bad_usage', detail: 'an iteration is not an object' }
    const bad = findBadTokens(one)
    if (bad !== null) {
      const detail = `${bad} of an iteration is not a non-negative whole number`
      return { ok: false, because: 'bad_usage', detail }
    }
    if (one.type === 'compaction') compactions.push(one)
    else if (one.type !== 'message')
      return { ok: false, because: 'unknown_price', detail: `no price for ${quote(one.type)} of iterations` }
  }
  return { ok: true, compactions }
}

function isIteration(value: unknown): value is UsageIteration {
  // Any object passes here; `findBadTokens` validates its counts.
  return isRecord(value) && isRecord((value as UsageIteration).cache_creation ?? {})
}

type Tokens = Omit<Quantities, 'web_search'>

function add(one: Tokens, other: Tokens): Tokens {
  return {
    input: one.input + other.input,
    cache_write_5m: one.cache_write_5m + other.cache_write_5m,
    cache_write_1h: one.cache_write_1h + other.cache_write_1h,
    cache_read: one.cache_read + other.cache_read,
    output: one.output + other.output,
  }
}

/**
 * Cache writes without a breakdown have the default time to live of five minutes (Prompt caching page), and
 * so does the part of the total that the breakdown does not cover. If the breakdown exceeds the total, the
 * breakdown is priced.
 */
function readTokenCounts(usage: Usage): Tokens {
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
  }
}

/** Priority usage is paid by commitment; its tokens are listed at the standard price. */
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

function findBadTokens(usage: Usage): string | null {
  return findBadCount({ ...usage }, tokenCounts) ?? findBadCount(usage.cache_creation ?? {})
}

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

function big(count: number | null | undefined): bigint {
  return BigInt(count ?? 0)
}

/** A short, printable form of outside text; converting a value that is not text to a string may throw. */
function quote(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 40)) : `of the type ${typeof value}`
}
