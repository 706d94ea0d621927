import { readdirSync, statSync } from 'node:fs'
import { join, resolve as resolvePath } from 'node:path'
import { resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { UsageError } from '../command.ts'
import type { Context } from '../command.ts'
import { readText } from '../json-file.ts'

/** A recorded request, with its answer if the recording has one. */
export interface RecordedCall {
  /** The file, and the line or entry in it. */
  readonly place: string
  readonly request: Readonly<Record<string, unknown>>
  readonly answer: { readonly status: number; readonly body: Readonly<Record<string, unknown>> } | null
}

/**
 * Reads Messages requests for a model: `.jsonl` (a request on each line, or `{ request, response }`), `.json` (one
 * request) and `.har` files, or a folder of them. Requests for other models are left out.
 */
export async function readRequests(
  context: Context,
  path: string,
  model: Model,
): Promise<readonly RecordedCall[]> {
  const calls: RecordedCall[] = []
  for (const file of listFiles(context, path)) calls.push(...readFile(file, await readText(context, file)))
  const wanted = calls.filter(({ request }) => isFor(request, model))
  if (wanted.length > 0) return wanted
  throw new UsageError(
    `${path} has no request for ${model.id}${calls.length > 0 ? `, and ${calls.length} for other models` : ''}`,
    'Give .jsonl, .json or .har files with bodies of the Messages API.',
  )
}

function listFiles({ cwd }: Context, path: string): readonly string[] {
  const whole = resolvePath(cwd, path)
  if (statSync(whole, { throwIfNoEntry: false })?.isDirectory() !== true) return [path]
  return readdirSync(whole)
    .filter((name) => /\.(?:jsonl|json|har)$/i.test(name))
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
  return [{ place, request, answer: isMessage ? { status: 200, body: response } : null }]
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
