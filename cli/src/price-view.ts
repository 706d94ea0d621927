import type { Model, Price, PriceComponent, PriceLine, PriceModifier, Quote } from '@anthology/catalog'
import { formatNanoUsd, formatUsdPerMTok } from '@anthology/catalog'
import type { Context } from './command.ts'
import { formatCount, formatNumber } from './number-format.ts'
import { bold, dim } from './ansi-colors.ts'
import { alignColumns, wrapText } from './table.ts'

export type KnownPrice = Extract<Price, { ok: true }>
export type KnownQuote = Extract<Quote, { ok: true }>

const titles: Readonly<Record<PriceComponent, string>> = {
  input: 'input',
  cache_write_5m: 'cache write, 5m',
  cache_write_1h: 'cache write, 1h',
  cache_read: 'cache read',
  output: 'output',
  web_search: 'web search',
}

const modifierTitles: Readonly<Record<PriceModifier, string>> = {
  batch: 'batch discount',
  fast: 'fast mode',
  geo_us: 'US inference',
  long_prompt: 'long prompt',
  regional: 'regional endpoint',
}

/** A price as lines, with the sum. */
export function renderPrice(model: Model, price: KnownPrice, context: Context): string {
  const costs = alignDecimals([...price.lines.map((line) => line.costNanoUsd), price.totalNanoUsd])
  const rows = price.lines.map((line, row) => {
    const unit = line.unit === 'token' ? 'tokens' : 'requests'
    const each = line.unit === 'token' ? '/ MTok' : 'each'
    return [
      `  ${titles[line.component]}`,
      formatCount(line.quantity),
      unit,
      `$${usdPer(line)}`,
      each,
      costs[row] ?? '',
    ]
  })
  const total = ['  total', '', '', '', '', costs.at(-1) ?? '']
  const lines = alignColumns([...rows, total], ['left', 'right', 'left', 'right', 'left', 'right'])
  const head = `${bold(model.displayName, context)}  ${dim(`${model.id}, rate card ${price.rateCard}`, context)}`
  const why = listModifiers(price.lines).map((modifier) => modifierTitles[modifier])
  const remark = why.length === 0 ? [] : [dim(`  Price modifiers: ${why.join(', ')}.`, context)]
  return [head, ...lines.slice(0, -1), bold(lines.at(-1) ?? '', context), ...remark].join('\n')
}

export function priceEntry(model: Model, price: KnownPrice): object {
  return {
    model: model.id,
    rate_card: price.rateCard,
    lines: price.lines.map(lineEntry),
    modifiers: listModifiers(price.lines),
    total_usd: formatNanoUsd(price.totalNanoUsd),
  }
}

/** The cost range of a request before it is sent. */
export function renderQuote(model: Model, quote: KnownQuote, context: Context): readonly string[] {
  const [low = '', high = ''] = alignDecimals([quote.lowNanoUsd, quote.highNanoUsd])
  const { promptTokens: prompt, outputTokens: output } = quote
  const rows = [
    ['  at least', low, `for ${formatNumber(prompt.low, 'token')} in and ${formatCount(output.low)} out`],
    ['  at most', high, `for ${formatNumber(prompt.high, 'token')} in and ${formatCount(output.high)} out`],
  ]
  const why = listModifiers(quote.highLines).map((modifier) => modifierTitles[modifier])
  const notes = [...(why.length === 0 ? [] : [`Price modifiers: ${why.join(', ')}.`]), ...quote.notes]
  return [
    `${bold(model.displayName, context)}  ${dim(`${model.id}, rate card ${quote.rateCard}`, context)}`,
    ...alignColumns(rows, ['left', 'right', 'left']),
    ...notes.flatMap((note) => wrapText(note, context.columns - 2)).map((line) => dim(`  ${line}`, context)),
  ]
}

export function quoteEntry(model: Model, quote: KnownQuote): object {
  return {
    model: model.id,
    rate_card: quote.rateCard,
    low_usd: formatNanoUsd(quote.lowNanoUsd),
    high_usd: formatNanoUsd(quote.highNanoUsd),
    input_tokens: quote.promptTokens,
    output_tokens: quote.outputTokens,
    low_lines: quote.lowLines.map(lineEntry),
    high_lines: quote.highLines.map(lineEntry),
    notes: quote.notes,
  }
}

/** Formats amounts with the same number of decimals, so that the decimal points align. */
export function alignDecimals(nano: readonly bigint[]): readonly string[] {
  const texts = nano.map(formatNanoUsd)
  const most = Math.max(...texts.map((text) => text.length - text.indexOf('.')))
  return texts.map((text) => `$${text.padEnd(text.indexOf('.') + most, '0')}`)
}

function listModifiers(lines: readonly PriceLine[]): readonly PriceModifier[] {
  return [...new Set(lines.flatMap((line) => line.modifiers))]
}

function lineEntry(line: PriceLine): object {
  return {
    component: line.component,
    quantity: Number(line.quantity),
    unit: line.unit,
    [line.unit === 'token' ? 'usd_per_mtok' : 'usd_per_unit']: usdPer(line),
    cost_usd: formatNanoUsd(line.costNanoUsd),
  }
}

/** The unit price: per million tokens, or per request. */
function usdPer({ unit, picoUsdPerUnit }: PriceLine): string {
  return unit === 'token' ? formatUsdPerMTok(picoUsdPerUnit) : formatNanoUsd(picoUsdPerUnit / 1000n)
}
