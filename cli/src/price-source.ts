import type { Platform, Usage } from '@anthology/catalog'
import { isRecord, parseJson, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { detectProtocol, platformsByProtocol } from './client-body.ts'
import { UsageError } from './command.ts'
import { joinStreams, readServerSentEvents } from './event-source.ts'
import { getFileName } from './json-file.ts'
import { isUsage, readUsage } from './usage-shape.ts'
import type { UsageReading } from './usage-shape.ts'

/** A priceable object: an answer's usage, or a request that has not been sent. */
export type Priceable =
  | {
      readonly kind: 'usage'
      /** The model in the data; null if there is none. */
      readonly model: string | null
      readonly usage: Usage
      readonly batch: boolean
      /** The day of the answer, if the data has it. */
      readonly day: string | null
      /** The platform, if only one uses this kind of data. */
      readonly platform: Platform | null
    }
  | {
      readonly kind: 'request'
      readonly model: string | null
      readonly body: JsonObject
      readonly batch: boolean
      readonly platform: Platform | null
    }
  | {
      readonly kind: 'unreadable'
      readonly model: string | null
      readonly because: 'bad_usage' | 'unknown_price'
      readonly problem: string
    }

export interface PriceSource {
  readonly items: readonly Priceable[]
  /** A single object; also a transcript of one line. */
  readonly isSingle: boolean
  /** The number of transcript lines that repeat an answer. */
  readonly repeated: number
  /** The number of lines without a price, such as user turns. */
  readonly skipped: number
}

const hint =
  'Use the usage of an answer, a whole answer, a stream, a request, or a transcript with one of these per line.'

/** Reads all priceable objects: from a JSON value, an array, a stream, or a transcript with one object per line. */
export function readPriceSource(text: string, file: string): PriceSource {
  const values = readValues(text, file)
  const answers = new Map<string, Priceable>()
  const items: Priceable[] = []
  let [found, skipped] = [0, 0]
  for (const value of joinStreams(values.list)) {
    const item = readItem(value)
    if (item === null) {
      skipped += 1
      continue
    }
    found += 1
    const id = findId(value)
    // Claude Code writes one line per block of an answer, each with the usage of the whole; the last is the
    // most complete.
    if (id === null) items.push(item)
    else answers.set(id, item)
  }
  const all = [...items, ...answers.values()]
  if (all.length === 0) throw new UsageError(`${getFileName(file)} contains no usage and no request`, hint)
  const isSingle = values.isSingle && all.length === 1
  return { items: all, isSingle, repeated: found - all.length, skipped }
}

interface Values {
  readonly list: readonly unknown[]
  readonly isSingle: boolean
}

function readValues(text: string, file: string): Values {
  const whole = parseJson(text)
  if (Array.isArray(whole)) return { list: whole, isSingle: false }
  if (whole !== undefined) return { list: [whole], isSingle: true }
  const events = readServerSentEvents(text)
  if (events !== null) return { list: events, isSingle: true }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const list = lines.map(parseJson)
  const broken = list.indexOf(undefined)
  if (lines.length < 2 || (broken >= 0 && broken < list.length - 1))
    throw new UsageError(`${getFileName(file)} is neither JSON nor a transcript of JSON lines`, hint)
  // A transcript that is still being written may end with a partial line.
  return { list: list.filter((value) => value !== undefined), isSingle: false }
}

function readItem(value: unknown): Priceable | null {
  if (!isRecord(value)) return null
  const { message, batch } = answerIn(value)
  const model = readText(message, 'model') ?? readText(value, 'modelId')
  const where = { model, batch, day: dayIn(value) }
  const logged = readLoggedCounts(value)
  if (logged !== null) return toItem(readUsage(logged), { ...where, isBedrock: true })
  const usage = message['usage']
  if (isRecord(usage)) {
    const tier = findPricedTier(message)
    if (tier !== null)
      return { kind: 'unreadable', model, because: 'unknown_price', problem: `no price for ${tier}` }
    return toItem(readUsage(usage), where)
  }
  if (Array.isArray(message['messages'])) {
    const platform = platformsByProtocol[detectProtocol(message)]
    return { kind: 'request', model, body: message, batch, platform }
  }
  return isUsage(value) ? toItem(readUsage(value), where) : null
}

interface ItemContext {
  readonly model: string | null
  readonly batch: boolean
  readonly day: string | null
  readonly isBedrock?: boolean
}

function toItem(reading: UsageReading, { isBedrock = false, ...where }: ItemContext): Priceable {
  if (!reading.ok) {
    const { because, problem } = reading
    return { kind: 'unreadable', model: where.model, because, problem }
  }
  const platform = isBedrock ? 'bedrock' : reading.platform
  return { kind: 'usage', usage: reading.usage, ...where, platform }
}

/**
 * The usage of a record of Bedrock's model invocation log: the one of the logged answer, which separates
 * cache writes by lifetime, else the counts of the log itself.
 */
function readLoggedCounts({ input, output, modelId }: JsonObject): JsonObject | null {
  if (!isRecord(input) || !isRecord(output) || typeof modelId !== 'string') return null
  const { outputBodyJson: logged } = output
  const answers = joinStreams(Array.isArray(logged) ? logged : [logged])
  const answer = answers.findLast((each) => isRecord(each) && isRecord(each['usage']))
  const usage = isRecord(answer) ? answer['usage'] : undefined
  return isRecord(usage) && readUsage(usage).ok ? usage : { ...input, ...output }
}

/** Bedrock's other service tiers and its optimized latency have their own prices, which the catalog lacks. */
function findPricedTier({ serviceTier, performanceConfig }: JsonObject): string | null {
  const tier = readText(serviceTier, 'type') ?? 'default'
  if (tier !== 'default') return `serviceTier ${JSON.stringify(tier.slice(0, 40))}`
  const latency = readText(performanceConfig, 'latency') ?? 'standard'
  return latency === 'standard' ? null : `performanceConfig latency ${JSON.stringify(latency.slice(0, 40))}`
}

/**
 * Extracts the answer or request from the line formats of Claude Code transcripts, batch results and
 * requests of the Claude API and of Bedrock, and captures.
 */
function answerIn(value: JsonObject): { readonly message: JsonObject; readonly batch: boolean } {
  const { message, result, params, body, modelInput, modelOutput } = value
  if (isRecord(result) && isRecord(result['message'])) return { message: result['message'], batch: true }
  if (isRecord(modelOutput)) return { message: modelOutput, batch: true }
  const request = [params, modelInput].find(isRecord)
  if (request !== undefined) return { message: request, batch: true }
  return { message: [message, body].find(isRecord) ?? value, batch: false }
}

function findId(value: unknown): string | null {
  if (!isRecord(value)) return null
  return readText(answerIn(value).message, 'id')
}

function dayIn(value: JsonObject): string | null {
  const day = /^\d{4}-\d{2}-\d{2}(?=T)/.exec(readText(value, 'timestamp') ?? '')?.[0]
  return day ?? null
}
