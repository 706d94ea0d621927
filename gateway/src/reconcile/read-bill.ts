import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'

import { CsvError, parse } from 'csv-parse'

import { GatewayError } from '../errors.ts'
import { anthropicReport } from './formats/anthropic.ts'
import { awsReport } from './formats/aws.ts'
import { azureExport } from './formats/azure.ts'
import { googleExport } from './formats/google.ts'
import type { BillFormat, ProviderRow, SourceLine } from './provider-row.ts'

const formats: readonly BillFormat[] = [anthropicReport, awsReport, googleExport, azureExport]

export interface Bill {
  readonly format: string
  /** The time until which the provider calls its figures complete; null if the file does not say. */
  readonly watermark: string | null
}

/**
 * Reads a report or a bill, line by line, so that its size does not matter. Calls `onRow` for every row about Claude, with
 * the watermark of its page.
 * Throws a GatewayError for a file in no known format.
 */
export async function readBill(
  path: string,
  onRow: (row: ProviderRow, watermark: string | null) => void,
): Promise<Bill> {
  let format: BillFormat | undefined
  let watermark: string | null = null
  let number = 0
  for await (const line of readLines(path)) {
    number += 1
    format ??= formats.find((one) => one.matches(line))
    if (format === undefined) break
    watermark = format.readWatermark?.(line) ?? watermark
    for (const row of format.readRows(line, number)) onRow(row, watermark)
  }
  if (format === undefined)
    throw new GatewayError('config_invalid', `${path} is in no known format of a bill or report`, {
      hint: `Known are: ${formats.map(({ name }) => name).join(', ')}.`,
    })
  return { format: format.name, watermark }
}

async function* readLines(path: string): AsyncGenerator<SourceLine> {
  if (!(await startsWithBrace(path))) {
    yield* readCsv(path)
    return
  }
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    const value = parseObject(text)
    // An object that is printed over many lines is the only one of its file.
    if (value === null) return yield await readWhole(path)
    yield value
  }
}

async function* readCsv(path: string): AsyncGenerator<SourceLine> {
  const file = createReadStream(path)
  const options = { columns: true, bom: true, skip_empty_lines: true, record_delimiter: ['\r\n', '\n'] }
  try {
    for await (const record of file.pipe(parse(options))) yield record as SourceLine // By `columns`.
  } catch (error) {
    if (!(error instanceof CsvError)) throw error
    throw new GatewayError('config_invalid', `${path} is no valid CSV: ${error.message}`)
  } finally {
    file.destroy()
  }
}

async function readWhole(path: string): Promise<SourceLine> {
  const value = (await stat(path)).size > maxObjectBytes ? null : parseObject(await readFile(path, 'utf8'))
  if (value !== null) return value
  throw new GatewayError(
    'config_invalid',
    `${path} is neither one JSON object of at most ${maxObjectBytes} bytes nor one in each line`,
  )
}

/** A page of a report has at most some thousand rows. */
const maxObjectBytes = 64 * 1024 * 1024

async function startsWithBrace(path: string): Promise<boolean> {
  for await (const chunk of createReadStream(path, { end: 1_023 })) return /^\uFEFF?\s*\{/.test(String(chunk))
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
