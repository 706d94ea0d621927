import type { Model, Price, PriceComponent, PriceLine, Usage } from '@anthology/catalog'
import { formatNanoUsd, formatUsdPerMTok, priceOf } from '@anthology/catalog'
import type { Command, Context, Option, Values } from '../command.ts'
import { CliError, textOf, UsageError } from '../command.ts'
import { formatCount } from '../figures.ts'
import { bold, dim } from '../ink.ts'
import { parseDay, requireModel } from '../model-name.ts'
import { alignColumns } from '../table.ts'

const counts = {
  input: { type: 'string', value: 'N', help: 'input tokens, without the cached ones' },
  'cache-write-5m': { type: 'string', value: 'N', help: 'tokens written to the cache for five minutes' },
  'cache-write-1h': { type: 'string', value: 'N', help: 'tokens written to the cache for one hour' },
  'cache-read': { type: 'string', value: 'N', help: 'tokens read from the cache' },
  output: { type: 'string', value: 'N', help: 'output tokens, thinking included' },
  'web-searches': { type: 'string', value: 'N', help: 'web searches made' },
} as const satisfies Record<string, Option>

export const command: Command = {
  name: 'price',
  summary: 'Work out what a call costs, to the nano-dollar',
  usage: '[NAME] [--input N] [--output N] ... | [NAME] - < usage.json',
  example: 'anthology price claude-opus-4-1 --input 1000 --output 500',
  options: {
    ...counts,
    'as-of': { type: 'string', value: 'DAY', help: 'the day whose prices count (default today)' },
  },
  async run(context, values, positionals) {
    const { model, usage } = await readQuestion(context, values, positionals)
    const price = priceOf(usage, model, { asOf: parseDay(textOf(values, 'as-of')) })
    if (!price.ok && price.because === 'bad_usage')
      throw new UsageError(price.detail, 'Send usage as the API does.')
    if (!price.ok)
      throw new CliError(`unknown price: ${price.detail}`, 'The catalog never takes such a price for zero.')
    context.out(
      values['json'] === true ? JSON.stringify(entryOf(model, price), null, 2) : show(model, price, context),
    )
    return 0
  },
}

type Question = { readonly model: Model; readonly usage: Usage }

async function readQuestion(
  context: Context,
  values: Values,
  positionals: readonly string[],
): Promise<Question> {
  const names = positionals.filter((positional) => positional !== '-')
  if (names.length > 1) throw new UsageError('one model at a time', 'Quote a name that has blanks in it.')
  const [name] = names
  const flagged = Object.keys(counts).some((flag) => values[flag] !== undefined)
  const piped = names.length < positionals.length || (!flagged && !context.stdinIsTty)
  if (flagged && names.length < positionals.length) {
    throw new UsageError('counts come from flags or from standard input, not both', 'Leave one of them out.')
  }
  if (piped) return readUsageJson(await context.stdin(), name)
  if (name === undefined) throw new UsageError('the price of which model?', howToAsk)
  if (!flagged) throw new UsageError('the price of how much?', howToAsk)
  return { model: requireModel(name), usage: flaggedUsage(values) }
}

const howToAsk = 'For example: anthology price claude-opus-4-1 --input 1000 --output 500.'

function flaggedUsage(values: Values): Usage {
  const count = (flag: keyof typeof counts): number => parseCount(flag, textOf(values, flag))
  const [for5m, for1h] = [count('cache-write-5m'), count('cache-write-1h')]
  return {
    input_tokens: count('input'),
    output_tokens: count('output'),
    cache_creation: { ephemeral_5m_input_tokens: for5m, ephemeral_1h_input_tokens: for1h },
    cache_read_input_tokens: count('cache-read'),
    server_tool_use: { web_search_requests: count('web-searches') },
  }
}

/** `1000`, `1,000` or `1_000`. */
function parseCount(flag: string, text = '0'): number {
  const digits = text.replaceAll(/[,_]/g, '')
  const count = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN
  if (Number.isSafeInteger(count)) return count
  throw new UsageError(
    `--${flag} takes a count, not ${JSON.stringify(text.slice(0, 40))}`,
    'Write it in digits.',
  )
}

/** A `usage` object, or a whole Message, which says its model itself. */
function readUsageJson(text: string, name: string | undefined): Question {
  const value = parseObject(text)
  const usage = 'usage' in value ? value['usage'] : value
  const own = typeof value['model'] === 'string' ? value['model'] : undefined
  const model = name ?? own
  if (model === undefined)
    throw new UsageError('the price of which model?', 'Name it: anthology price NAME -.')
  if (usage === null || typeof usage !== 'object') throw new UsageError('usage is not an object', howToAsk)
  // `priceOf` looks at every member itself and answers `bad_usage` where one is not what the type says.
  return { model: requireModel(model), usage }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError('standard input is not JSON', 'Send the usage of an answer, or the whole answer.')
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new UsageError('standard input is not an object', 'Send the usage of an answer, or the whole answer.')
}

type KnownPrice = Extract<Price, { ok: true }>

const titles: Readonly<Record<PriceComponent, string>> = {
  input: 'input',
  cache_write_5m: 'cache write, 5m',
  cache_write_1h: 'cache write, 1h',
  cache_read: 'cache read',
  output: 'output',
  web_search: 'web search',
}

function show(model: Model, price: KnownPrice, context: Context): string {
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
  return [head, ...lines.slice(0, -1), bold(lines.at(-1) ?? '', context)].join('\n')
}

/** Dollars with the same number of decimals in every line, so that the points stand under each other. */
function alignDecimals(nano: readonly bigint[]): readonly string[] {
  const texts = nano.map(formatNanoUsd)
  const most = Math.max(...texts.map((text) => text.length - text.indexOf('.')))
  return texts.map((text) => `$${text.padEnd(text.indexOf('.') + most, '0')}`)
}

function entryOf(model: Model, price: KnownPrice): object {
  return {
    model: model.id,
    rate_card: price.rateCard,
    lines: price.lines.map((line) => ({
      component: line.component,
      quantity: Number(line.quantity),
      unit: line.unit,
      [line.unit === 'token' ? 'usd_per_mtok' : 'usd_per_unit']: usdPer(line),
      cost_usd: formatNanoUsd(line.costNanoUsd),
    })),
    total_usd: formatNanoUsd(price.totalNanoUsd),
  }
}

/** The price as people say it: for a million tokens, or for one request. */
function usdPer({ unit, picoUsdPerUnit }: PriceLine): string {
  return unit === 'token' ? formatUsdPerMTok(picoUsdPerUnit) : formatNanoUsd(picoUsdPerUnit / 1000n)
}
