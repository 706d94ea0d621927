import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { CsvError, parse } from 'csv-parse'

import { GatewayError } from '../errors.ts'
import type { SourceLine } from './provider-row.ts'

/**
 * Reads the records of a file: CSV with a header, JSON objects in a line each, or one JSON object; also with gzip, as
 * AWS delivers its reports. Throws a GatewayError for a file that is none of these.
 */
export async function* readRecords(path: string): AsyncGenerator<SourceLine> {
  try {
    const start = await readStart(path)
    if (/^\uFEFF?\s*\{/.test(start)) yield* readObjects(path)
    else yield* readCsv(path)
  } catch (error) {
    throw describeDamage(path, error)
  }
}

async function* readCsv(path: string): AsyncGenerator<SourceLine> {
  const options = { columns: true, bom: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] }
  const parser = parse(options)
  // Errors of all parts end the loop below.
  pipeline(await openFile(path), parser, () => {})
  for await (const record of parser) yield record as SourceLine // By `columns`.
}

async function* readObjects(path: string): AsyncGenerator<SourceLine> {
  for await (const line of readTextLines(path)) {
    if (line.trim() === '') continue
    const value = parseObject(line)
    // An object that is printed over many lines is the only one of its file.
    if (value === null) return yield await readWhole(path)
    yield value
  }
}

async function* readTextLines(path: string): AsyncGenerator<string> {
  let line = ''
  for await (const text of readTexts(path)) {
    const [first = '', ...lines] = text.split('\n')
    line += first
    if (line.length > maxObjectBytes) throw createShapeError(path)
    for (const next of lines) {
      yield line
      line = next
    }
  }
  yield line
}

async function readWhole(path: string): Promise<SourceLine> {
  let whole = ''
  for await (const text of readTexts(path)) {
    whole += text
    if (whole.length > maxObjectBytes) throw createShapeError(path)
  }
  const value = parseObject(whole)
  if (value === null) throw createShapeError(path)
  return value
}

async function readStart(path: string): Promise<string> {
  for await (const text of readTexts(path)) return text.slice(0, 1_024)
  return ''
}

async function* readTexts(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for await (const bytes of await openFile(path)) yield decoder.decode(bytes as Uint8Array, { stream: true }) // Without an encoding.
}

/** Opens a file as bytes, unpacked if it is packed with gzip. */
async function openFile(path: string): Promise<Readable> {
  const file = createReadStream(path)
  if (!(await isGzip(path))) return file
  return pipeline(file, createGunzip(), () => {})
}

async function isGzip(path: string): Promise<boolean> {
  for await (const bytes of createReadStream(path, { end: 1 }))
    return Buffer.from([0x1f, 0x8b]).equals(bytes as Uint8Array) // Without an encoding.
  return false
}

function parseObject(text: string): SourceLine | null {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null ? (value as SourceLine) : null // As tested.
  } catch {
    return null
  }
}

function createShapeError(path: string): GatewayError {
  return new GatewayError(
    'config_invalid',
    `${path} is neither one JSON object of at most ${maxObjectBytes} characters nor one in each line`,
  )
}

/** Errors of the parsers as errors for the user; any other error stays as it is. */
function describeDamage(path: string, error: unknown): unknown {
  if (!(error instanceof Error)) return error
  if (error instanceof CsvError)
    return new GatewayError('config_invalid', `${path} is no valid CSV: ${error.message}`)
  const isZlib = 'code' in error && String(error.code).startsWith('Z_')
  return isZlib
    ? new GatewayError('config_invalid', `${path} is damaged: it cannot be unpacked (${error.message})`)
    : error
}

/** A page of a report has at most some thousand rows. */
const maxObjectBytes = 64 * 1024 * 1024
