import {
  createFrameScanner,
  indexAnswer,
  isRecord,
  parseJson,
  readData,
  readRecord,
  readText,
} from '@anthology/wire'
import type { FrameKind, UsageFields } from '@anthology/wire'

import { createUsageSum, maxUsageLength } from './usage-sum.ts'

/**
 * The origin of a call's usage. `final`: the response is complete. `cumulative`: a stream was cut after it had reported
 * its output. `estimated`: the response ended, complete or not, without a report of the delivered output, so the tokens
 * are estimated.
 */
export type UsageSource = 'final' | 'cumulative' | 'estimated'

/** Values that were read from the bytes of a response. */
export interface Reading {
  /** The original JSON; for a stream, merged from its events. Null if there was none. */
  readonly usage: string | null
  /** Null without usage. */
  readonly usageSource: UsageSource | null
  readonly stopReason: string | null
  readonly messageId: string | null
  readonly errorType: string | null
  readonly errorMessage: string | null
}

/** Observes a stream without changing it. It never throws: a metering problem must not break a response. */
export interface StreamMeter {
  /** Reads the data of a `message_start`, `message_delta` or `error` event. */
  take(data: string): void
  /** A `message_start` with a message was read. */
  readonly hasMessage: boolean
  /** The usage so far. */
  readonly usage: UsageFields | null
  /** There is a usage, but no event has reported the output. Without any usage the cost is not known. */
  readonly lacksOutput: boolean
  /** Reads a stream that ended with its last event. */
  read(): Reading
  /**
   * Reads a stream that was cut, or has not reported its output, after about `outputTokens`. If the upstream reported
   * more, or its count of the whole answer, that is used.
   */
  readCut(outputTokens: number): Reading
}

export function createStreamMeter(): StreamMeter {
  const sum = createUsageSum()
  let stopReason: string | null = null
  let messageId: string | null = null
  let errorType: string | null = null
  let errorMessage: string | null = null
  let hasOutput = false
  let hasWholeOutput = false
  let hasMessage = false

  function describe(usageSource: UsageSource, found: UsageFields | null): Reading {
    const text = isUsage(found) ? JSON.stringify(found) : null
    return {
      usage: text,
      usageSource: text === null ? null : usageSource,
      stopReason,
      messageId,
      errorType,
      errorMessage,
    }
  }

  return {
    get hasMessage() {
      return hasMessage
    },
    get usage() {
      return sum.read()
    },
    get lacksOutput() {
      return !hasOutput && isUsage(sum.read())
    },
    take(data) {
      const event = parseJson(data)
      const message = readRecord(event, 'message')
      const fromDelta = readRecord(event, 'usage')
      const found = readRecord(message, 'usage') ?? fromDelta
      if (message !== null) hasMessage = true
      if (found !== null) sum.add(found)
      messageId = readText(message, 'id') ?? messageId
      stopReason = readText(readRecord(event, 'delta'), 'stop_reason') ?? stopReason
      if (typeof fromDelta?.['output_tokens'] === 'number') {
        hasOutput = true
        // Nothing is generated after the reason, so a count that comes with it or later is of the whole answer.
        hasWholeOutput ||= stopReason !== null
      }
      const error = readRecord(event, 'error')
      errorType = readText(error, 'type') ?? errorType
      errorMessage = readText(error, 'message') ?? errorMessage
    },
    read: () => describe('final', sum.read()),
    readCut(outputTokens) {
      // The count in `message_start` is a placeholder, which only the first delta replaces.
      const usage = sum.read()
      const count = usage?.['output_tokens']
      const reported = typeof count === 'number' ? count : 0
      if (usage === null || hasWholeOutput || (hasOutput && reported >= outputTokens))
        return describe('cumulative', usage)
      return describe('estimated', { ...usage, output_tokens: Math.max(reported, outputTokens) })
    },
  }
}

export const emptyReading: Reading = {
  usage: null,
  usageSource: null,
  stopReason: null,
  messageId: null,
  errorType: null,
  errorMessage: null,
}

/** The reading of a whole event stream. */
export interface StreamedReading extends Reading {
  /** The data of an error event that came in place of a message. */
  readonly error: Uint8Array | null
}

/** Reads a whole event stream that arrived where one message was expected; it may have been billed. */
export function readStreamedAnswer(body: Uint8Array, maxFrameBytes: number): StreamedReading {
  const meter = createStreamMeter()
  const scanner = createFrameScanner({ maxFrameBytes })
  try {
    for (const frame of [...scanner.push(body), ...scanner.push(blankLine)]) {
      if (!meteredFrames.has(frame.kind)) continue
      const data = readData(frame.bytes)
      meter.take(data)
      if (frame.kind === 'error' && !meter.hasMessage)
        return { ...meter.read(), error: new TextEncoder().encode(data) }
    }
  } catch {
    // A frame that is too long ends the reading, not the call.
  }
  return { ...meter.read(), error: null }
}

const blankLine = new TextEncoder().encode('\n\n')

/** The frames of a stream that contain usage, ids or errors. */
const meteredFrames: ReadonlySet<FrameKind> = new Set(['message_start', 'message_delta', 'error'])

/** The kind of a complete JSON response, by its `type`, or without one by members that only that kind has. */
export type AnswerKind = 'message' | 'token_count' | 'error' | 'other'

export interface PlainReading extends Reading {
  readonly kind: AnswerKind
}

/** Reads a complete JSON response: a message, a token count or an error. Only its few small members are parsed. */
export function readPlainAnswer(body: Uint8Array): PlainReading {
  const index = indexAnswer(body, plainMembers)
  if (!index.ok) return { ...emptyReading, kind: 'other' }
  const slice = (name: string) => {
    const member = index.get(name)
    if (member === undefined || member.end - member.start > maxUsageLength) return null
    return decoder.decode(body.subarray(member.start, member.end))
  }
  const value = (name: string) => parseJson(slice(name) ?? 'null')
  const text = (name: string) => {
    const found = value(name)
    return typeof found === 'string' ? found : null
  }
  const usage = slice('usage')
  const error = value('error')
  const hasUsage = usage !== null && isUsage(parseJson(usage))
  return {
    kind: findKind(text('type'), error, value('input_tokens')),
    usage: hasUsage ? usage : null,
    usageSource: hasUsage ? 'final' : null,
    stopReason: text('stop_reason'),
    messageId: text('id'),
    errorType: readText(error, 'type'),
    errorMessage: readText(error, 'message'),
  }
}

function findKind(type: string | null, error: unknown, inputTokens: unknown): AnswerKind {
  if (type === 'message') return 'message'
  if (type === 'error' || (type === null && isRecord(error))) return 'error'
  return type === null && typeof inputTokens === 'number' ? 'token_count' : 'other'
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

const plainMembers: ReadonlySet<string> = new Set([
  'id',
  'type',
  'usage',
  'stop_reason',
  'error',
  'input_tokens',
])
const decoder = new TextDecoder()
