import { indexBody, parseMember } from '../body/body-index.ts'
import { isRecord } from '../body/json-value.ts'
import { applySplices } from '../body/splice.ts'

/** Bedrock's counts in the last event of a stream; latencies are in milliseconds. The cache counts are inferred. */
export interface InvocationMetrics {
  readonly inputTokenCount: number
  readonly outputTokenCount: number
  readonly invocationLatency: number
  readonly firstByteLatency: number
  readonly cacheReadInputTokenCount?: number
  readonly cacheWriteInputTokenCount?: number
}

/**
 * Adds the metrics after the last member of an event. An event that already has them, or is not an object,
 * stays unchanged.
 */
export function addMetrics(json: Uint8Array, metrics: InvocationMetrics): Uint8Array {
  const index = indexBody(json, read)
  if (!index.ok || index.get(member) !== undefined) return json
  return applySplices(json, index, [
    { splice: 'invocation_metrics', kind: 'add', member, value: { ...metrics } },
  ])
}

/** Removes the metrics from an event and leaves its other bytes unchanged; null if there are no readable metrics. */
export function takeMetrics(json: Uint8Array): { json: Uint8Array; metrics: InvocationMetrics | null } {
  const index = indexBody(json, read)
  const found = index.ok ? index.get(member) : undefined
  if (!index.ok || found === undefined) return { json, metrics: null }
  return {
    json: applySplices(json, index, [{ splice: 'invocation_metrics', kind: 'remove', member }]),
    metrics: parseMetrics(parseMember(json, found)),
  }
}

const member = 'amazon-bedrock-invocationMetrics'
const read: ReadonlySet<string> = new Set([member])

function parseMetrics(value: unknown): InvocationMetrics | null {
  if (!isRecord(value)) return null
  const {
    inputTokenCount,
    outputTokenCount,
    invocationLatency = 0,
    firstByteLatency = 0,
    cacheReadInputTokenCount,
    cacheWriteInputTokenCount,
  } = value
  if (typeof inputTokenCount !== 'number' || typeof outputTokenCount !== 'number') return null
  if (typeof invocationLatency !== 'number' || typeof firstByteLatency !== 'number') return null
  return {
    inputTokenCount,
    outputTokenCount,
    invocationLatency,
    firstByteLatency,
    ...(typeof cacheReadInputTokenCount === 'number' && { cacheReadInputTokenCount }),
    ...(typeof cacheWriteInputTokenCount === 'number' && { cacheWriteInputTokenCount }),
  }
}
