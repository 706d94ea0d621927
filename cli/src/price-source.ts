import type { Usage } from '@anthology/catalog'
import { isRecord, parseJson, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

import { UsageError } from './command.ts'
import { getFileName } from './json-file.ts'

/** One thing with a price in what was read: an answer's usage, or a request that is still to be sent. */
export type Priceable =
  | {
      readonly kind: 'usage'
      /** As it says itself; null: it does not. */
      readonly model: string | null
      readonly usage: Usage
      readonly batch: boolean
      /** The day it was answered on, where it says so. */
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
  /** A single object; a transcript of one line is one, too. */
  readonly isSingle: boolean
  /** Lines of a transcript that said the same answer again. */
  readonly repeated: number
  /** Lines that hold nothing with a price, such as a person's turns. */
  readonly skipped: number
}

const hint =
  'Send the usage of an answer, a whole answer, a request, or a transcript with one of these in each line.'

/** Reads whatever has a price: one JSON value, an array of them, or a transcript with one in each line. */
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
    // Claude Code writes a line for each block of an answer, all with the usage of the whole; the last has the most.
    if (id === null) items.push(item)
    else answers.set(id, item)
  }
  const all = [...items, ...answers.values()]
  if (all.length === 0) throw new UsageError(`${getFileName(file)} holds no usage and no request`, hint)
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
  // A transcript that is still being written may end in the middle of a line.
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

/** The answer or request inside the lines of Claude Code's transcripts, of batch results and requests, and of captures. */
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
