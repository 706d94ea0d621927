import type { Usage } from '@anthology/catalog'
import { isRecord, parseJson, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { UsageError } from './command.ts'
import { getFileName } from './json-file.ts'

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
    }
  | {
      readonly kind: 'request'
      readonly model: string | null
      readonly body: JsonObject
      readonly batch: boolean
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
  'Use the usage of an answer, a whole answer, a request, or a transcript with one of these per line.'

/** Reads all priceable objects: from a JSON value, an array, or a transcript with one object per line. */
export function readPriceSource(text: string, file: string): PriceSource {
  const values = readValues(text, file)
  const answers = new Map<string, Priceable>()
  const items: Priceable[] = []
  let [found, skipped] = [0, 0]
  for (const value of values.list) {
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
  return { items: all, isSingle: values.isSingle, repeated: found - all.length, skipped }
}

function readValues(
  text: string,
  file: string,
): { readonly list: readonly unknown[]; readonly isSingle: boolean } {
  const whole = parseJson(text)
  if (Array.isArray(whole)) return { list: whole, isSingle: false }
  if (whole !== undefined) return { list: [whole], isSingle: true }
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
  const usage = message['usage']
  const day = dayIn(value)
  if (isRecord(usage)) return { kind: 'usage', model: readText(message, 'model'), usage, batch, day }
  if (Array.isArray(message['messages']))
    return { kind: 'request', model: readText(message, 'model'), body: message, batch }
  if (usageMembers.some((name) => name in value))
    return { kind: 'usage', model: readText(value, 'model'), usage: value, batch, day }
  return null
}

const usageMembers = [
  'input_tokens',
  'output_tokens',
  'cache_read_input_tokens',
  'cache_creation_input_tokens',
]

/**
 * Extracts the answer or request from the line formats of Claude Code transcripts, batch results and
 * requests, and captures.
 */
function answerIn(value: JsonObject): { readonly message: JsonObject; readonly batch: boolean } {
  const { message, result, params, body } = value
  if (isRecord(result) && isRecord(result['message'])) return { message: result['message'], batch: true }
  if (isRecord(params)) return { message: params, batch: true }
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
