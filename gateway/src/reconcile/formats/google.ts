import { resolve } from '@anthology/catalog'

import type { Component } from '../../ledger/call-row.ts'
import { readCell } from '../read-cell.ts'
import { parseDecimal, parseUsd } from '../decimal.ts'
import type { BillFormat, ProviderRow, SourceLine } from '../provider-row.ts'

// The Cloud Billing export to BigQuery, saved as CSV or as JSON lines. Timestamps are absolute, so days are cut in UTC
// here; the console cuts them in Pacific time. A SKU is one model and one class of tokens.

export const googleExport: BillFormat = {
  name: 'Google Cloud billing export',
  matches: (first) =>
    read(first, 'sku.description') !== undefined && read(first, 'usage_start_time') !== undefined,
  readRows: readLine,
}

function readLine(line: SourceLine, number: number): readonly ProviderRow[] {
  const sku = readCell(read(line, 'sku.description'))
  // An exact phrase: other products have Claude in their names.
  if (!/\bClaude (?:[A-Z][a-z]+|\d)/.test(sku)) return []
  const startMs = Date.parse(readCell(read(line, 'usage_start_time')).replace(/ UTC$/, 'Z').replace(' ', 'T'))
  const day = Number.isNaN(startMs) ? '' : new Date(startMs).toISOString().slice(0, 10)
  const cost = parseUsd(read(line, 'cost'))
  const costPicoUsd = cost ?? 0n
  const place = { day, line: number }
  if (readCell(read(line, 'cost_type') ?? 'regular') !== 'regular')
    return [{ ...place, kind: 'no_usage', costPicoUsd, text: `${readCell(read(line, 'cost_type'))}: ${sku}` }]
  const model = findModel(sku)
  const component = patterns.find(([pattern]) => pattern.test(sku))?.[1]
  const quantity = readQuantity(line)
  const isUsd = readCell(read(line, 'currency') ?? 'USD') === 'USD'
  if (day === '' || cost === null || model === null || component === undefined || quantity === null || !isUsd)
    return [{ ...place, kind: 'unparsed', costPicoUsd, text: sku }]
  return [{ ...place, kind: 'usage', model, component, quantity, costPicoUsd }]
}

/** The order matters: the names of cache classes contain `input`. */
const patterns: readonly (readonly [RegExp, Component])[] = [
  [/cache[d\s-]*(?:input )?(?:read|hit)|cached input/i, 'cache_read'],
  [/cache.*write.*1\s*h/i, 'cache_write_1h'],
  [/cache.*write/i, 'cache_write_5m'],
  [/output/i, 'output'],
  [/input/i, 'input'],
]

function findModel(sku: string): string | null {
  const phrase = /Claude (?:[A-Z][a-z]+ \d+(?:\.\d+)?|\d+(?:\.\d+)? [A-Z][a-z]+(?: v2)?)/.exec(sku)?.[0]
  const found = phrase === undefined ? null : resolve(phrase)
  return found?.ok === true ? found.model.id : null
}

function readQuantity(line: SourceLine): bigint | null {
  const unit = readCell(read(line, 'usage.unit'))
  return /^(?:tokens?|counts?|requests?)$/i.test(unit) ? parseDecimal(read(line, 'usage.amount'), 0) : null
}

/** A nested member; in CSV the column is called `sku.description` or `sku_description`. */
function read(line: SourceLine, path: string): unknown {
  const flat = line[path] ?? line[path.replaceAll('.', '_')]
  if (flat !== undefined || !path.includes('.')) return flat
  const [outer = '', inner = ''] = path.split('.')
  const nested = line[outer]
  return typeof nested === 'object' && nested !== null ? (nested as SourceLine)[inner] : undefined // As tested.
}
