import { resolve } from '@anthology/catalog'

import type { Component } from '../../ledger/call-row.ts'
import { readCell, readDay } from '../read-cell.ts'
import { parseDecimal, parseUsd } from '../decimal.ts'
import type { BillFormat, ProviderRow, SourceLine } from '../provider-row.ts'

// The Cost and Usage Report 2.0 as CSV. Claude is billed in two grammars at once: that of the service, in units of
// 1,000 tokens (`USE1-Claude4.6Sonnet-input-tokens`), and that of the Marketplace, in units of a million
// (`USE1-MP:USE1_input_tokens_standard-Units`). The unit is read from `pricing_unit`, never from the name.

export const awsReport: BillFormat = {
  name: 'AWS Cost and Usage Report 2.0',
  matches: (first) => 'line_item_usage_type' in first && 'line_item_unblended_cost' in first,
  readRows: readLine,
}

function readLine(line: SourceLine, number: number): readonly ProviderRow[] {
  const text = (name: string) => readCell(line[name])
  const usageType = text('line_item_usage_type')
  const named = [usageType, text('line_item_line_item_description'), text('line_item_resource_id')].join(' ')
  if (!/claude/i.test(named) && !/^AmazonBedrockFoundationModels$/.test(text('line_item_product_code')))
    return []
  const day = readDay(line['line_item_usage_start_date'])
  const cost = parseUsd(line['line_item_unblended_cost'])
  const place = { day: day ?? '', line: number }
  const costPicoUsd = cost ?? 0n
  const other = (kind: 'no_usage' | 'unparsed' | 'bundle'): readonly ProviderRow[] => [
    { ...place, kind, costPicoUsd, text: usageType === '' ? text('line_item_line_item_type') : usageType },
  ]
  if (day === null || cost === null) return other('unparsed')
  if (!usageLines.has(text('line_item_line_item_type'))) return other('no_usage')
  // Claude Platform on AWS bills units of a cent for all models together.
  if (/\bCCU\b|consumption.?units?/i.test(named)) return other('bundle')
  const model = findModel(named)
  const component = findComponent(usageType)
  const quantity = readQuantity(line)
  if (model === null || component === null || quantity === null || text('line_item_currency_code') !== 'USD')
    return other('unparsed')
  return [{ ...place, kind: 'usage', model, component, quantity, costPicoUsd }]
}

const usageLines: ReadonlySet<string> = new Set(['Usage', 'DiscountedUsage', 'SavingsPlanCoveredUsage'])

/** The order matters: the names of cache classes contain `input`. */
const patterns: readonly (readonly [RegExp, Component])[] = [
  [/cache[-_]?read/i, 'cache_read'],
  [/cache[-_]?write[-_]?(?:tokens[-_])?(?:input[-_]?)?1h/i, 'cache_write_1h'],
  [/cache[-_]?write/i, 'cache_write_5m'],
  [/output[-_]?token/i, 'output'],
  [/input[-_]?token/i, 'input'],
]

function findComponent(usageType: string): Component | null {
  return patterns.find(([pattern]) => pattern.test(usageType))?.[1] ?? null
}

function readQuantity(line: SourceLine): bigint | null {
  const unit = /^(?<size>1K|1M|1000|1000000|Million|Thousand)\s*(?:tokens?|units?)?$/i.exec(
    readCell(line['pricing_unit']),
  )?.groups?.['size']
  if (unit === undefined) return null
  const places = /^(?:1K|1000|Thousand)$/i.test(unit) ? 3 : 6
  return parseDecimal(line['line_item_usage_amount'], places)
}

/** `Claude4.6Sonnet`, `claude-opus-4-8`, or `Claude Opus 4.6 (Amazon Bedrock Edition)`. */
function findModel(named: string): string | null {
  const { version, family } =
    /Claude(?<version>\d+(?:\.\d+)?)(?<family>[A-Z][a-z]+)/.exec(named)?.groups ?? {}
  const candidates = [
    version === undefined ? undefined : `${family} ${version}`,
    /claude-[a-z0-9-]*?\d(?=-mantle|-v\d|:|\s|$)/.exec(named)?.[0],
    /Claude (?:[A-Z][a-z]+ \d+(?:\.\d+)?|\d+(?:\.\d+)? [A-Z][a-z]+)/.exec(named)?.[0],
  ]
  for (const candidate of candidates) {
    const found = candidate === undefined ? null : resolve(candidate)
    if (found?.ok === true) return found.model.id
  }
  return null
}
