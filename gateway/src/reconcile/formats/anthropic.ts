import { resolve } from '@anthology/catalog'

import type { Component } from '../../ledger/call-row.ts'
import { readCell, readDay } from '../read-cell.ts'
import { parseCents, parseDecimal } from '../decimal.ts'
import type { BillFormat, ProviderRow, SourceLine } from '../provider-row.ts'

// The reports of the Admin API: usage_report/messages and cost_report with buckets of results, and the analytics
// reports since October 2026 with one row for each group. Amounts are decimal strings of cents
// ("Usage and Cost API", Claude docs).

/** A page of either generation; each line of a file is a page. */
export const anthropicReport: BillFormat = {
  name: 'Anthropic usage or cost report',
  matches: (first) => Array.isArray(first['data']) && 'has_more' in first,
  readRows: (page, number) => readRecords(page['data']).flatMap((entry) => readEntry(entry, number)),
  readWatermark: ({ data_refreshed_at: refreshed }) => (typeof refreshed === 'string' ? refreshed : null),
}

function readEntry(entry: SourceLine, line: number): readonly ProviderRow[] {
  const day = readDay(entry['starting_at'] ?? entry['date']) ?? ''
  if (Array.isArray(entry['results']))
    return readRecords(entry['results']).flatMap((result) => readResult(result, { day, line }))
  return readResult(entry, { day, line })
}

interface Place {
  readonly day: string
  readonly line: number
}

function readResult(result: SourceLine, place: Place): readonly ProviderRow[] {
  const cost = readRecord(result['cost'])
  if (cost !== null) return readCost(result, cost['list_amount'] ?? cost['amount'], place)
  if (result['amount'] !== undefined) return readCost(result, result['amount'], place)
  return readUsage(result, readRecord(result['usage']) ?? result, place)
}

function readUsage(result: SourceLine, usage: SourceLine, place: Place): readonly ProviderRow[] {
  const model = findModel(result['model'])
  const caches = readRecord(usage['cache_creation']) ?? {}
  const searches = readRecord(usage['server_tool_use']) ?? {}
  const counts: readonly (readonly [Component, unknown])[] = [
    ['input', usage['uncached_input_tokens']],
    ['cache_write_5m', caches['ephemeral_5m_input_tokens']],
    ['cache_write_1h', caches['ephemeral_1h_input_tokens']],
    ['cache_read', usage['cache_read_input_tokens']],
    ['output', usage['output_tokens']],
    ['web_search', searches['web_search_requests']],
  ]
  return counts.flatMap(([component, count]): readonly ProviderRow[] => {
    const quantity = parseDecimal(count ?? 0, 0)
    if (quantity === 0n) return []
    if (model === null || quantity === null || place.day === '')
      return [
        { ...place, kind: 'unparsed', costPicoUsd: 0n, text: `${component} of ${describe(result['model'])}` },
      ]
    return [{ ...place, kind: 'usage', model, component, quantity, costPicoUsd: null }]
  })
}

const tokenTypes: Readonly<Record<string, Component>> = {
  uncached_input_tokens: 'input',
  cache_read_input_tokens: 'cache_read',
  'cache_creation.ephemeral_5m_input_tokens': 'cache_write_5m',
  'cache_creation.ephemeral_1h_input_tokens': 'cache_write_1h',
  output_tokens: 'output',
}

function readCost(result: SourceLine, amount: unknown, place: Place): readonly ProviderRow[] {
  const costPicoUsd = parseCents(amount)
  const model = findModel(result['model'])
  const type = result['cost_type']
  const component = type === 'web_search' ? 'web_search' : tokenTypes[readCell(result['token_type'])]
  if (costPicoUsd !== null && model !== null && component !== undefined && place.day !== '')
    return [{ ...place, kind: 'usage', model, component, quantity: null, costPicoUsd }]
  const text = describe(result['description'] ?? `${describe(type)} ${describe(result['token_type'])}`)
  // Code execution is in the cost report and in no usage.
  const kind = type === 'code_execution' || type === 'session_usage' ? 'no_usage' : 'unparsed'
  return costPicoUsd === 0n ? [] : [{ ...place, kind, costPicoUsd: costPicoUsd ?? 0n, text }]
}

function findModel(name: unknown): string | null {
  const found = typeof name === 'string' ? resolve(name) : null
  return found?.ok === true ? found.model.id : null
}

function describe(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 200) : 'unnamed'
}

function readRecord(value: unknown): SourceLine | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SourceLine) : null // As tested.
}

function readRecords(value: unknown): readonly SourceLine[] {
  return Array.isArray(value) ? value.map((one) => readRecord(one) ?? {}) : []
}
