import { indexBody, isRecord, parseJson, readRecord, readText } from '@anthology/wire'
import type { UsageFields } from '@anthology/wire'

import { createUsageSum, maxUsageLength } from './usage-sum.ts'

/** Values that were read from the bytes of a response. */
export interface Reading {
  /** The original JSON; for a stream, merged from its events. Null if there was none. */
  readonly usage: string | null
  readonly stopReason: string | null
  readonly messageId: string | null
  readonly errorType: string | null
}

/** Observes a stream without changing it. It never throws: a metering problem must not break a response. */
export interface StreamMeter {
  /** Reads the data of a `message_start`, `message_delta` or `error` event. */
  take(data: string): void
  read(): Reading
}

export function createStreamMeter(): StreamMeter {
  const sum = createUsageSum()
  let stopReason: string | null = null
  let messageId: string | null = null
  let errorType: string | null = null

  return {
    take(data) {
      const event = parseJson(data)
      const message = readRecord(event, 'message')
      const found = readRecord(message, 'usage') ?? readRecord(event, 'usage')
      if (found !== null) sum.add(found)
      messageId = readText(message, 'id') ?? messageId
      stopReason = readText(readRecord(event, 'delta'), 'stop_reason') ?? stopReason
      errorType = readText(readRecord(event, 'error'), 'type') ?? errorType
    },
    read() {
      const usage = sum.read()
      return { usage: isUsage(usage) ? JSON.stringify(usage) : null, stopReason, messageId, errorType }
    },
  }
}

/** Reads a complete JSON response: a message or an error. Only its few small members are parsed. */
export function readPlainAnswer(body: Uint8Array): Reading {
  const index = indexBody(body, plainMembers)
  if (!index.ok) return { usage: null, stopReason: null, messageId: null, errorType: null }
  const slice = (name: string) => {
    const member = index.get(name)
    return member === undefined ? null : decoder.decode(body.subarray(member.start, member.end))
  }
  const text = (name: string) => {
    const value = parseJson(slice(name) ?? 'null')
    return typeof value === 'string' ? value : null
  }
  const usage = slice('usage')
  const error = slice('error')
  return {
    usage: usage !== null && usage.length <= maxUsageLength && isUsage(parseJson(usage)) ? usage : null,
    stopReason: text('stop_reason'),
    messageId: text('id'),
    errorType: error === null ? null : readText(parseJson(error), 'type'),
  }
}

function isUsage(value: unknown): value is UsageFields {
  return isRecord(value) && isPrintable(value, maxLevels)
}

/** Anthropic's usage has three levels. JSON.parse accepts some thousands, but JSON.stringify throws on them. */
const maxLevels = 16

/** True if JSON survives the round trip. A number too large for a double is parsed as Infinity and would be printed as null. */
function isPrintable(value: object, levels: number): boolean {
  const members: readonly unknown[] = Object.values(value)
  for (const member of members) {
    if (typeof member === 'number' && !Number.isFinite(member)) return false
    if (typeof member !== 'object' || member === null) continue
    if (levels === 0 || !isPrintable(member, levels - 1)) return false
  }
  return true
}

/** The usage of a reading as an object, for pricing. */
export function parseUsage(reading: Reading): UsageFields | null {
  const usage = parseJson(reading.usage ?? 'null')
  return isRecord(usage) ? usage : null
}

const plainMembers: ReadonlySet<string> = new Set(['id', 'usage', 'stop_reason', 'error'])
const decoder = new TextDecoder()
