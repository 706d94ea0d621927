import type { Component } from '../../src/ledger/call-row.ts'

/** One day, model and component of a bill that is made from a ledger. */
export interface BilledCell {
  readonly day: string
  readonly model: string
  readonly component: Component
  readonly quantity: bigint
  readonly costNanoUsd: bigint
}

/** Prints a bill or report; each format returns the text of its files by name. */
export type PrintBill = (cells: readonly BilledCell[]) => Readonly<Record<string, string>>

const usageMembers: Readonly<Record<Component, (count: number) => object>> = {
  input: (count) => ({ uncached_input_tokens: count }),
  cache_write_5m: (count) => ({ cache_creation: { ephemeral_5m_input_tokens: count } }),
  cache_write_1h: (count) => ({ cache_creation: { ephemeral_1h_input_tokens: count } }),
  cache_read: (count) => ({ cache_read_input_tokens: count }),
  output: (count) => ({ output_tokens: count }),
  web_search: (count) => ({ server_tool_use: { web_search_requests: count } }),
}

const tokenTypes: Readonly<Record<Component, string | null>> = {
  input: 'uncached_input_tokens',
  cache_write_5m: 'cache_creation.ephemeral_5m_input_tokens',
  cache_write_1h: 'cache_creation.ephemeral_1h_input_tokens',
  cache_read: 'cache_read_input_tokens',
  output: 'output_tokens',
  web_search: null,
}

const toCents = (nano: bigint) => formatDecimal(nano, 7)
const toUsd = (nano: bigint) => formatDecimal(nano, 9)

function formatDecimal(value: bigint, places: number): string {
  const digits = (value < 0n ? -value : value).toString().padStart(places + 1, '0')
  return `${value < 0n ? '-' : ''}${digits.slice(0, -places)}.${digits.slice(-places)}`
}

function describeCost(
  { model, component, costNanoUsd }: BilledCell,
  money: (amount: string) => object,
): object {
  const type = tokenTypes[component]
  return {
    ...money(toCents(costNanoUsd)),
    model,
    cost_type: type === null ? 'web_search' : 'tokens',
    token_type: type,
    description: `${model} ${component}`,
  }
}

/** The reports with buckets: a page in one line each. */
export const printOldReports: PrintBill = (cells) => {
  const page = (describe: (cell: BilledCell) => object) =>
    JSON.stringify({
      data: [...new Set(cells.map(({ day }) => day))].map((day) => ({
        starting_at: `${day}T00:00:00Z`,
        ending_at: `${day}T24:00:00Z`,
        results: cells.filter((cell) => cell.day === day).map(describe),
      })),
      has_more: false,
      next_page: null,
    })
  return {
    'usage.json': page(({ model, component, quantity }) => ({
      model,
      ...usageMembers[component](Number(quantity)),
    })),
    'cost.json': page((cell) => describeCost(cell, (amount) => ({ amount, currency: 'USD' }))),
  }
}

/** The analytics reports, printed over many lines. */
export const printNewReports: PrintBill = (cells) => {
  const page = (describe: (cell: BilledCell) => object) =>
    JSON.stringify(
      {
        data: cells.map((cell) => ({ starting_at: `${cell.day}T00:00:00Z`, ...describe(cell) })),
        has_more: false,
        next_page: null,
        data_refreshed_at: '2026-11-28T00:00:00Z',
      },
      null,
      2,
    )
  return {
    'usage.json': page(({ model, component, quantity }) => ({
      model,
      usage: usageMembers[component](Number(quantity)),
    })),
    'cost.json': page((cell) =>
      describeCost(cell, (list) => ({ cost: { amount: '0', list_amount: list, currency: 'USD' } })),
    ),
  }
}

/** Both grammars of AWS at once: those of one model by the service, of the other by the Marketplace. */
export const printAws: PrintBill = (cells) => {
  const header =
    'line_item_usage_start_date,line_item_line_item_type,line_item_product_code,line_item_usage_type,line_item_line_item_description,line_item_usage_amount,pricing_unit,line_item_currency_code,line_item_unblended_cost'
  const service: Readonly<Record<Component, string>> = {
    input: 'input-tokens',
    cache_write_5m: 'cache-write-input-token-count',
    cache_write_1h: 'cache-write-1h-input-token-count',
    cache_read: 'cache-read-input-token-count-cross-region-global',
    output: 'output-tokens',
    web_search: 'web-search',
  }
  const marketplace: Readonly<Record<Component, string>> = {
    input: 'input_tokens_standard',
    cache_write_5m: 'CacheWriteInputTokenCount_Global',
    cache_write_1h: 'cache_write_tokens_1h_standard',
    cache_read: 'CacheReadInputTokenCount_Global',
    output: 'output_tokens_global_standard',
    web_search: 'web_search',
  }
  const lines = cells.map(({ day, model, component, quantity, costNanoUsd }) => {
    const own = model.includes('opus')
      ? [
          'AmazonBedrockFoundationModels',
          `USE1-MP:USE1_${marketplace[component]}-Units`,
          '"Claude Opus 4.1 (Amazon Bedrock Edition), tokens"',
          formatDecimal(quantity, 6),
          '1M tokens',
        ]
      : [
          'AmazonBedrockService',
          `USE1-Claude4.5Sonnet-${service[component]}`,
          'Amazon Bedrock',
          formatDecimal(quantity, 3),
          '1K tokens',
        ]
    return [`${day}T05:00:00Z`, 'Usage', ...own, 'USD', toUsd(costNanoUsd)].join(',')
  })
  const other = '2026-11-01T00:00:00Z,Usage,AmazonS3,USE1-Requests-Tier1,PUT,1,Requests,USD,0.5'
  return { 'cur.csv': [header, ...lines, other].join('\r\n') }
}

/** A table of BigQuery as JSON lines. */
export const printGoogle: PrintBill = (cells) => {
  const classes: Readonly<Record<Component, string>> = {
    input: 'Input Tokens',
    cache_write_5m: 'Cache Write Input Tokens',
    cache_write_1h: 'Cache Write 1 h Input Tokens',
    cache_read: 'Cached Input Tokens',
    output: 'Output Tokens',
    web_search: 'Web Search',
  }
  const lines = cells.map(({ day, model, component, quantity, costNanoUsd }) => ({
    sku: {
      id: 'A1',
      description: `${model.includes('opus') ? 'Claude Opus 4.1' : 'Claude Sonnet 4.5'} ${classes[component]} - Global`,
    },
    // Still the day before in Pacific time, by which the console cuts days.
    usage_start_time: `${day} 03:00:00 UTC`,
    usage: { amount: Number(quantity), unit: 'tokens' },
    cost: toUsd(costNanoUsd),
    currency: 'USD',
    cost_type: 'regular',
  }))
  return { 'billing.jsonl': lines.map((line) => JSON.stringify(line)).join('\n') }
}

/** The cost details of Azure: one line of consumption units for each day. */
export const printAzure: PrintBill = (cells) => {
  const days = [...new Set(cells.map(({ day }) => day))]
  const lines = days.map((day) => {
    const nano = cells.filter((cell) => cell.day === day).reduce((sum, cell) => sum + cell.costNanoUsd, 0n)
    const [year, month, date] = day.split('-')
    return `${month}/${date}/${year},Claude Consumption Unit,Anthropic,${formatDecimal(nano, 7)},0.01,${toUsd(nano)},Usage`
  })
  const header = 'Date,MeterName,PublisherName,Quantity,UnitPrice,CostInUsd,ChargeType'
  return { 'costs.csv': `\uFEFF${[header, ...lines].join('\n')}\n` }
}
