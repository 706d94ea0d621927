import { readCell } from '../read-cell.ts'
import { parseUsd } from '../decimal.ts'
import type { BillFormat, ProviderRow, SourceLine } from '../provider-row.ts'

// The cost details export of Azure. All Claude models are one Marketplace meter of consumption units, 100 for a
// dollar: there are no tokens and no models, so only the money of a day can be compared.

export const azureExport: BillFormat = {
  name: 'Azure cost details',
  matches: (first) => get(first, 'MeterName') !== undefined && get(first, 'Quantity') !== undefined,
  readRows(line, number) {
    const text = (name: string) => readCell(get(line, name))
    const named = ['MeterName', 'MeterSubCategory', 'MeterCategory', 'PublisherName', 'ProductName']
      .map(text)
      .join(' ')
    if (!/claude|anthropic/i.test(named)) return []
    const costPicoUsd = parseUsd(readUsd(line))
    const place = { day: parseDay(text('Date')), line: number }
    const row = (kind: 'bundle' | 'no_usage' | 'unparsed'): readonly ProviderRow[] => [
      { ...place, kind, costPicoUsd: costPicoUsd ?? 0n, text: text('MeterName') },
    ]
    if (costPicoUsd === null || place.day === '') return row('unparsed')
    return row(/^(?:Usage|)$/.test(text('ChargeType')) ? 'bundle' : 'no_usage')
  },
}

/** The cost in US dollars; undefined if the line has it in another currency only. */
function readUsd(line: SourceLine): unknown {
  const inUsd = get(line, 'CostInUsd')
  if (inUsd !== undefined) return inUsd
  const currency = readCell(get(line, 'BillingCurrency') ?? get(line, 'BillingCurrencyCode'))
  return currency === '' || currency === 'USD' ? get(line, 'CostInBillingCurrency') : undefined
}

/** Exports write days as 2026-11-22 or 11/22/2026. */
function parseDay(text: string): string {
  const { month, day, year } = /^(?<month>\d\d)\/(?<day>\d\d)\/(?<year>\d{4})/.exec(text)?.groups ?? {}
  if (year !== undefined) return `${year}-${month}-${day}`
  return /^\d{4}-\d\d-\d\d/.test(text) ? text.slice(0, 10) : ''
}

/** The first letter of a column is small in newer exports. */
function get(line: SourceLine, name: string): unknown {
  return line[name] ?? line[name.charAt(0).toLowerCase() + name.slice(1)]
}
