import { readdirSync, statSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { UsageError } from '../command.ts'
import type { Context } from '../command.ts'
import { readText } from '../json-file.ts'
import { readCassetteCalls } from './read-cassettes.ts'
import type { CassetteCalls } from './read-cassettes.ts'
import type { RecordedCall } from './recorded-call.ts'

/**
 * Reads Messages requests for a model: cassettes with bodies, `.jsonl` (a request on each line, or
 * `{ request, response }`), `.json` (one request) and `.har` files, or a folder of them. Requests for other models are
 * left out. Says what cannot be sent again.
 */
export async function readRequests(
  context: Context,
  path: string,
  model: Model,
): Promise<readonly RecordedCall[]> {
  const calls: RecordedCall[] = []
  const files = listFiles(context, path)
  for (const file of files.filter((name) => !isCassette(name)))
    calls.push(...readFile(file, await readText(context, file)))
  const cassettes = files.some(isCassette) ? readCassetteCalls(resolvePath(context.cwd, path)) : noCassettes
  calls.push(...cassettes.calls)
  const wanted = calls.filter(({ request }) => isFor(request, model))
  const left = describeLeft(cassettes)
  if (wanted.length > 0) {
    for (const text of left) context.err(`Left out: ${text}`)
    return wanted
  }
  if (left.length > 0 && calls.length === 0)
    throw new UsageError(`${path} has no request that can be sent again: ${left.join('; ')}`, howToRecord)
  throw new UsageError(
    `${path} has no request for ${model.id}${calls.length > 0 ? `, and ${calls.length} for other models` : ''}`,
    howToRecord,
  )
}

const noCassettes: CassetteCalls = { calls: [], withoutBody: 0, otherForms: 0 }

const howToRecord =
  'Record with anthology serve --record DIR --record-bodies, or give .jsonl, .json or .har files with bodies of the Messages API.'

function describeLeft({ withoutBody, otherForms }: CassetteCalls): readonly string[] {
  const count = (number: number): string => `${number} ${number === 1 ? 'recording' : 'recordings'}`
  return [
    ...(withoutBody > 0 ? [`${count(withoutBody)} without the body of the request`] : []),
    ...(otherForms > 0 ? [`${count(otherForms)} of Converse or Chat Completions`] : []),
  ]
}

function isCassette(file: string): boolean {
  return /\.ya?ml$/i.test(file)
}

function listFiles({ cwd }: Context, path: string): readonly string[] {
  const whole = resolvePath(cwd, path)
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  return readdirSync(whole)
    .filter((name) => /\.(?:jsonl|json|har|ya?ml)$/i.test(name))
    .toSorted()
    .map((name) => join(path, name))
}

function readFile(file: string, text: string): readonly RecordedCall[] {
  if (/\.har$/i.test(file)) return readHarEntries(file, parse(text, file))
  if (/\.jsonl$/i.test(file))
    return text.split('\n').flatMap((line, index) => {
      const place = `${file}:${index + 1}`
      return line.trim() === '' ? [] : readCall(place, parse(line, place))
    })
  return readCall(file, parse(text, file))
}

type Json = Readonly<Record<string, unknown>>

function readCall(place: string, value: Json): readonly RecordedCall[] {
  const request = 'request' in value ? asRecord(value['request']) : value
  const response = asRecord(value['response'])
  if (!Array.isArray(request['messages'])) return []
  const isMessage = response['type'] === 'message'
  return [{ place, request, answer: isMessage ? { status: 200, body: response, tookMs: null } : null }]
}

function readHarEntries(file: string, value: Json): readonly RecordedCall[] {
  const entries = asRecord(value['log'])['entries']
  if (!Array.isArray(entries)) throw new UsageError(`${file} is no HAR file`, 'It has no log.entries.')
  return entries.flatMap((entry: unknown, index) => {
    const { request, response } = asRecord(entry)
    const posted = readJson(asRecord(asRecord(request)['postData'])['text'])
    const answered = readJson(asRecord(asRecord(response)['content'])['text'])
    return readCall(`${file}, entry ${index + 1}`, { request: posted, response: answered })
  })
}

function isFor({ model }: Json, wanted: Model): boolean {
  if (typeof model !== 'string') return false
  const found = resolve(model)
  return found.ok && found.model.id === wanted.id
}

function parse(text: string, place: string): Json {
  try {
    return asRecord(JSON.parse(text))
  } catch {
    throw new UsageError(`${place} is not JSON`, 'Give bodies of the Messages API.')
  }
}

function readJson(text: unknown): Json {
  try {
    return typeof text === 'string' ? asRecord(JSON.parse(text)) : {}
  } catch {
    return {}
  }
}

function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}
