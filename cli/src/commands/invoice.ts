import { formatNanoUsd } from '@anthology/catalog'
import {
  createInvoice,
  describeInvoice,
  formatCents,
  formatPercent,
  listInvoiceCsv,
  makeChange,
  readOwnerNames,
  setInvoiceTerms,
} from '@anthology/gateway'
import type { Database, Invoice } from '@anthology/gateway'

import { bold } from '../ansi-colors.ts'
import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { openExistingStore } from '../ledger-file.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'
import { findId, readTimeZone } from '../usage/options.ts'

export const command: Command = {
  name: 'invoice',
  summary: 'Make the invoice of a workspace and month',
  usage: '--workspace NAME --month MONTH [--csv] | terms --workspace NAME --markup P --from MONTH',
  example: 'anthology invoice --workspace research --month 2026-11',
  options: {
    ...dataOptions,
    workspace: { type: 'string', value: 'NAME', help: 'the workspace, by name or id' },
    month: { type: 'string', value: 'MONTH', help: 'the month, such as 2026-11' },
    tz: { type: 'string', value: 'ZONE', help: 'time zone of the month (default UTC)' },
    markup: {
      type: 'string',
      value: 'PERCENT',
      help: 'with terms: what comes on top of the cost, such as 12.5%; a discount is negative: --markup=-5%',
    },
    from: { type: 'string', value: 'MONTH', help: 'with terms: the first month for which they are valid' },
    csv: { type: 'boolean', help: 'print CSV' },
  },
  words: ['terms'],
  async run(context, values, [word, ...more]) {
    const stray = word !== undefined && word !== 'terms' ? word : more[0]
    if (stray !== undefined)
      throw new UsageError(
        `anthology invoice does not accept ${JSON.stringify(stray)}`,
        'The only word is terms: anthology invoice terms --workspace NAME.',
      )
    const workspace = getText(values, 'workspace')
    if (workspace === undefined)
      throw new UsageError('invoice needs --workspace', 'For example: --workspace research --month 2026-11.')
    const run = word === 'terms' ? prepareTerms(context, values) : prepareInvoice(context, values)
    const settings = readSettings(context, values, ['data', 'store'])
    const database = await openExistingStore(settings)
    try {
      await run(database, findId(workspace, (await readOwnerNames(database)).workspace))
    } finally {
      await database.close()
    }
    return 0
  },
}

type Run = (database: Database, workspaceId: string) => Promise<void>

function prepareTerms(context: Context, values: Values): Run {
  const adjustmentPpm = readPercent(getText(values, 'markup'))
  const fromMonth = readMonth(values, 'from')
  return async (database, workspaceId) => {
    const nowMs = Date.now()
    const action = 'setInvoiceTerms'
    const author = { actor: 'cli', role: 'admin', action, requestId: null, atMs: nowMs } as const
    await makeChange(database, author, (queries) =>
      setInvoiceTerms(queries, { workspaceId, fromMonth, adjustmentPpm }, nowMs),
    )
    context.out(`${workspaceId}: ${formatPercent(adjustmentPpm)} % from ${fromMonth} on.`)
  }
}

function prepareInvoice(context: Context, values: Values): Run {
  const month = readMonth(values, 'month')
  const timeZone = readTimeZone(values)
  return async (database, workspaceId) => {
    const invoice = await createInvoice(database, { workspaceId, month, timeZone })
    if (values['json'] === true) context.out(JSON.stringify(describeInvoice(invoice), null, 2))
    else if (values['csv'] === true) context.out(listInvoiceCsv(invoice).join('\n'))
    else print(context, invoice)
  }
}

function readMonth(values: Values, name: 'month' | 'from'): string {
  const text = getText(values, name) ?? ''
  if (/^\d{4}-(?:0[1-9]|1[0-2])$/.test(text)) return text
  throw new UsageError(`--${name} needs a month, not ${JSON.stringify(text)}`, 'Write it as 2026-11.')
}

/** Percent with at most four decimals, in parts per million. */
function readPercent(text = ''): bigint {
  const {
    sign,
    whole,
    decimals = '',
  } = /^(?<sign>[+-]?)(?<whole>\d{1,4})(?:\.(?<decimals>\d{1,4}))?%?$/.exec(text)?.groups ?? {}
  if (whole === undefined)
    throw new UsageError(`--markup needs percent, not ${JSON.stringify(text)}`, 'For example --markup 12.5%.')
  const ppm = BigInt(whole + decimals.padEnd(4, '0'))
  if (sign === '-' && ppm > 1_000_000n)
    throw new UsageError('a discount is at most 100%', 'For example --markup=-5%.')
  return sign === '-' ? -ppm : ppm
}

function print(context: Context, invoice: Invoice): void {
  context.out(bold(`Invoice of ${invoice.workspaceId} for ${invoice.month} (${invoice.timeZone})`, context))
  const adjusted = invoice.adjustmentPpm !== 0n
  const sums = [
    ['subtotal', '', '', formatNanoUsd(invoice.subtotalNanoUsd)],
    ...(adjusted
      ? [
          [`${formatPercent(invoice.adjustmentPpm)} %`, '', '', formatNanoUsd(invoice.adjustmentNanoUsd)],
          ['total', '', '', formatNanoUsd(invoice.totalNanoUsd)],
        ]
      : []),
    ['due', '', '', formatCents(invoice.dueCents)],
  ]
  const lines = invoice.lines.map((line) => [
    line.model,
    line.component,
    line.quantity.toLocaleString('en-US'),
    formatNanoUsd(line.costNanoUsd),
  ])
  const head = ['MODEL', 'COMPONENT', 'QUANTITY', 'USD']
  for (const line of alignColumns([head, ...lines, ...sums], ['left', 'left', 'right', 'right']))
    context.out(line)
  if (invoice.unpricedCalls > 0n)
    context.out(
      `${invoice.unpricedCalls} calls have no known price and are in no line; see anthology rerate.`,
    )
}
