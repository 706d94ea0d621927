import type { Platform, Usage } from '@anthology/catalog'
import { isRecord, readRecord } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

export type UsageReading =
  | {
      readonly ok: true
      readonly usage: Usage
      /** The platform that is known to use this shape; null: several do. */
      readonly platform: Platform | null
    }
  | {
      readonly ok: false
      /** `bad_usage`: a count that is none; `unknown_price`: counts that no API has. */
      readonly because: 'bad_usage' | 'unknown_price'
      readonly problem: string
    }

/**
 * Reads a usage in any of the shapes that clients and logs of Claude have, as one of the Messages API. A usage
 * without a count is a problem: it would be priced as zero.
 */
export function readUsage(given: JsonObject): UsageReading {
  const shape = shapes.find(({ counts }) => counts.some((name) => (given[name] ?? null) !== null))
  if (shape === undefined) return { ok: false, because: 'unknown_price', problem: describeUnknown(given) }
  const bad = shape.counts.find((name) => !isCount(given[name]))
  if (bad !== undefined) return fail(`${bad} is not a non-negative whole number`)
  return shape.read(given)
}

/** True for an object that is a usage itself, and not an answer that contains one. */
export function isUsage(value: JsonObject): boolean {
  return shapes.some(({ counts }) => counts.some((name) => name in value))
}

interface UsageShape {
  /** The members by which the shape is recognized; at least one is set. */
  readonly counts: readonly string[]
  readonly read: (given: JsonObject) => UsageReading
}

const shapes: readonly UsageShape[] = [
  { counts: ['prompt_tokens', 'completion_tokens'], read: readChatUsage },
  {
    counts: ['inputTokens', 'outputTokens', 'cacheReadInputTokens', 'cacheWriteInputTokens'],
    read: readConverseUsage,
  },
  {
    counts: ['inputTokenCount', 'outputTokenCount', 'cacheReadInputTokenCount', 'cacheWriteInputTokenCount'],
    read: readInvocationMetrics,
  },
  {
    counts: ['input_tokens', 'output_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens'],
    read: readMessagesUsage,
  },
]

/** In OpenAI's APIs the prompt includes its cached tokens; the Responses API uses the names of the Messages API. */
function readMessagesUsage(given: JsonObject): UsageReading {
  const details = readRecord(given, 'input_tokens_details')
  if (details === null) return { ok: true, usage: given, platform: null }
  return splitPrompt(given, { prompt: 'input_tokens', output: 'output_tokens', details })
}

/** Gateways for several providers add the counts of cache writes in different places. */
function readChatUsage(given: JsonObject): UsageReading {
  const details = readRecord(given, 'prompt_tokens_details') ?? {}
  return splitPrompt(given, { prompt: 'prompt_tokens', output: 'completion_tokens', details })
}

interface PromptMembers {
  readonly prompt: string
  readonly output: string
  readonly details: JsonObject
}

function splitPrompt(given: JsonObject, { prompt, output, details }: PromptMembers): UsageReading {
  const read = firstCount(details['cached_tokens'], given['cache_read_input_tokens'])
  const written = firstCount(
    given['cache_creation_input_tokens'],
    details['cache_creation_tokens'],
    details['cache_write_tokens'],
  )
  const uncached = firstCount(given[prompt]) - read - written
  if (uncached < 0) return fail(`${prompt} is smaller than its cached tokens`)
  const byLifetime =
    readRecord(given, 'cache_creation') ?? readRecord(details, 'cache_creation_token_details')
  const usage = {
    input_tokens: uncached,
    cache_read_input_tokens: read,
    cache_creation_input_tokens: written,
    cache_creation: byLifetime,
    output_tokens: firstCount(given[output]),
    server_tool_use: readRecord(given, 'server_tool_use'),
  }
  // `computePrice` validates every member and returns `bad_usage` if one does not match the type.
  return { ok: true, usage: usage as Usage, platform: null }
}

/** Cache writes without `cacheDetails` have the default time to live of five minutes. */
function readConverseUsage(given: JsonObject): UsageReading {
  const details = Array.isArray(given['cacheDetails']) ? given['cacheDetails'].filter(isRecord) : []
  const hour = details
    .filter(({ ttl }) => ttl === '1h')
    .reduce((sum, { inputTokens }) => sum + firstCount(inputTokens), 0)
  const written = firstCount(given['cacheWriteInputTokens'])
  if (hour > written) return fail('cacheWriteInputTokens is smaller than the sum of cacheDetails')
  const usage = {
    input_tokens: firstCount(given['inputTokens']),
    cache_read_input_tokens: firstCount(given['cacheReadInputTokens']),
    cache_creation: { ephemeral_5m_input_tokens: written - hour, ephemeral_1h_input_tokens: hour },
    output_tokens: firstCount(given['outputTokens']),
  }
  return { ok: true, usage, platform: 'bedrock' }
}

/** The counts of Bedrock's invocation log and of the last event of its streams. */
function readInvocationMetrics(given: JsonObject): UsageReading {
  const usage = {
    input_tokens: firstCount(given['inputTokenCount']),
    cache_read_input_tokens: firstCount(given['cacheReadInputTokenCount']),
    cache_creation_input_tokens: firstCount(given['cacheWriteInputTokenCount']),
    output_tokens: firstCount(given['outputTokenCount']),
  }
  return { ok: true, usage, platform: 'bedrock' }
}

function fail(problem: string): UsageReading {
  return { ok: false, because: 'bad_usage', problem }
}

function firstCount(...values: readonly unknown[]): number {
  return values.find((value) => typeof value === 'number') ?? 0
}

function isCount(value: unknown): boolean {
  return value === undefined || value === null || (Number.isSafeInteger(value) && Number(value) >= 0)
}

function describeUnknown(given: JsonObject): string {
  const names = Object.keys(given).slice(0, maxShown)
  const found =
    names.length === 0 ? 'it is empty' : `it has ${names.map((name) => name.slice(0, 40)).join(', ')}`
  return `usage has no count of tokens such as input_tokens: ${found}`
}

const maxShown = 8
