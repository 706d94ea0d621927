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
> & {
  readonly type: string
  /** The model that ran; null or absent for the requested one. */
  readonly model?: string | null | undefined
}

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

/** The quantities of one model. */
export interface ModelQuantities {
  /** Null for the requested model. */
  readonly model: string | null
  readonly quantities: Quantities
}

export type ParsedUsage =
  | {
      readonly ok: true
      /** The requested model's quantities. */
      readonly quantities: Quantities
      /** Those of models that the request named besides. */
      readonly others: readonly ModelQuantities[]
      readonly terms: UsageTerms
      /** Counters without a published price, with their counts. */
      readonly unpriced: readonly string[]
    }
  | { readonly ok: false; readonly because: 'unknown_price' | 'bad_usage'; readonly detail: string }

/**
 * Parses the quantities to price. It fails if a number is not a count, or if a term that changes every price is not
 * known. A counter without a published price only names itself in `unpriced`: the tokens keep their prices.
 */
export function parseUsage(usage: Usage): ParsedUsage {
  const given: unknown = usage
  if (!isRecord(given)) return { ok: false, because: 'bad_usage', detail: 'usage is not an object' }
  for (const name of ['cache_creation', 'server_tool_use'] as const) {
    const part: unknown = usage[name] ?? {}
    if (!isRecord(part)) return { ok: false, because: 'bad_usage', detail: `${name} is not an object` }
  }
  const iterations: unknown = usage.iterations ?? null
  const runs = iterations === null ? noIterations : readIterations(iterations)
  if (!runs.ok) return runs
  const bad = findBadTokens(usage) ?? findBadCount(usage.server_tool_use ?? {})
  if (bad !== null) {
    return { ok: false, because: 'bad_usage', detail: `${bad} is not a non-negative whole number` }
  }
  const term = findUnknownTerm(usage)
  if (term !== null) return { ok: false, because: 'unknown_price', detail: term }
  const { service_tier, speed, inference_geo } = usage
  const terms = { batch: service_tier === 'batch', fast: speed === 'fast', us: inference_geo === 'us' }
  const tokens = runs.own.reduce(
    (sum, one) => add(sum, readTokenCounts(one)),
    runs.replaceTotals ? noTokens : readTokenCounts(usage),
  )
  const web_search = big(usage.server_tool_use?.['web_search_requests'])
  return {
    ok: true,
    quantities: { ...tokens, web_search },
    others: runs.others.map((one) => ({
      model: one.model ?? null,
      quantities: { ...readTokenCounts(one), web_search: 0n },
    })),
    terms,
    unpriced: [...listUnpriced(usage), ...runs.unpriced],
  }
}

type Iterations =
  | {
      readonly ok: true
      /** Runs of the requested model that the top-level counts do not include. */
      readonly own: readonly UsageIteration[]
      readonly others: readonly UsageIteration[]
      /** The iterations contain all runs, so the top-level counts would count twice. */
      readonly replaceTotals: boolean
      readonly unpriced: readonly string[]
    }
  | Extract<ParsedUsage, { ok: false }>

const noIterations: Iterations = { ok: true, own: [], others: [], replaceTotals: false, unpriced: [] }

/**
 * Sorts the iterations by the model that ran (@anthropic-ai/sdk 1.12.0, beta/messages.ts). "A `compaction` entry's
 * tokens are not included in the top-level `usage` fields"; the requested model does it. The top-level counts are those
 * of the executor, so an advisor's run comes on top, at its own prices (Advisor tool page, 2026). Where a fallback
 * served the answer, each run is priced by its own model; whether a declined run is billed is not documented, so its
 * tokens count.
 */
function readIterations(iterations: unknown): Iterations {
  if (!Array.isArray(iterations))
    return { ok: false, because: 'bad_usage', detail: 'iterations is not a list' }
  const runs: UsageIteration[] = []
  for (const one of iterations as readonly unknown[]) {
    if (!isIteration(one)) return { ok: false, because: 'bad_usage', detail: 'an iteration is not an object' }
    const bad = findBadTokens(one)
    if (bad !== null) {
      const detail = `${bad} of an iteration is not a non-negative whole number`
      return { ok: false, because: 'bad_usage', detail }
    }
    runs.push(one)
  }
  const replaceTotals = runs.some(({ type }) => type === 'fallback_message')
  const counted = new Set([
    'compaction',
    'advisor_message',
    ...(replaceTotals ? ['message', 'fallback_message'] : []),
  ])
  const billed = runs.filter(({ type }) => counted.has(type))
  const isOwn = ({ model }: UsageIteration) => (model ?? null) === null
  return {
    ok: true,
    own: billed.filter((one) => one.type === 'compaction' || isOwn(one)),
    others: billed.filter((one) => one.type !== 'compaction' && !isOwn(one)),
    replaceTotals,
    unpriced: runs
      .filter(({ type }) => type !== 'message' && !counted.has(type))
      .map(({ type }) => `${quote(type)} of iterations`),
  }
}

function isIteration(value: unknown): value is UsageIteration {
  // Any object passes here; `findBadTokens` validates its counts.
  return isRecord(value) && isRecord((value as UsageIteration).cache_creation ?? {})
}

type Tokens = Omit<Quantities, 'web_search'>

const noTokens: Tokens = { input: 0n, cache_write_5m: 0n, cache_write_1h: 0n, cache_read: 0n, output: 0n }

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
 * so does the part of the total that the breakdown does not cover, such as writes with a time to live that is
 * not known here. If the breakdown exceeds the total, the breakdown is priced.
 */
function readTokenCounts(usage: Usage): Tokens {
  const written = big(usage.cache_creation_input_tokens)
  const for5m = big(usage.cache_creation?.ephemeral_5m_input_tokens)
  const for1h = big(usage.cache_creation?.ephemeral_1h_input_tokens)
  const known: readonly string[] = knownCounters.cache_creation
  const unknown = Object.entries(usage.cache_creation ?? {})
    .filter(([name]) => !known.includes(name))
    .reduce((sum, [, count]) => sum + big(count), 0n)
  const rest = written - for5m - for1h > unknown ? written - for5m - for1h : unknown
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

/**
 * Counters with a price, or free by documentation: web fetch and tool search cost only the tokens of their results (Web
 * fetch tool and Tool search tool pages).
 */
const knownCounters = {
  cache_creation: ['ephemeral_5m_input_tokens', 'ephemeral_1h_input_tokens'],
  server_tool_use: ['web_search_requests', 'web_fetch_requests', 'tool_search_requests'],
} as const

function findUnknownTerm(usage: Usage): string | null {
  for (const name of ['service_tier', 'inference_geo', 'speed'] as const) {
    const value = usage[name] ?? null
    const known: readonly string[] = pricedTerms[name]
    if (value !== null && !known.includes(value)) return `no price for ${name} ${quote(value)}`
  }
  return null
}

function listUnpriced(usage: Usage): readonly string[] {
  return (['cache_creation', 'server_tool_use'] as const).flatMap((part) => {
    const known: readonly string[] = knownCounters[part]
    return Object.entries(usage[part] ?? {})
      .filter(([name, count]) => !known.includes(name) && big(count) > 0n)
      .slice(0, maxNamed)
      .map(([name, count]) => `${String(count)} ${quote(name)} of ${part}`)
  })
}

/** The unknown counters of one part that are named. */
const maxNamed = 10

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
