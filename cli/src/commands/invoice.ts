import { formatNanoUsd } from '@anthology/catalog'
import {
  createInvoice,
  describeInvoice,
  findWorkspace,
  formatCents,
  formatPercent,
  isMonth,
  listInvoiceCsv,
  listInvoiceTerms,
  makeChange,
  parsePercent,
  printTerms,
  removeInvoiceTerms,
  setInvoiceTerms,
} from '@anthology/gateway'
import type { Database, Invoice, InvoiceTerms, Workspace } from '@anthology/gateway'

import { bold } from '../ansi-colors.ts'
import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { openExistingStore } from '../ledger-file.ts'
import { formatNumber } from '../number-format.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'
import { readTimeZone } from '../usage/options.ts'

export const command: Command = {
  name: 'invoice',
  summary: 'Make the invoice of a workspace and month',
  usage: '--workspace NAME --month MONTH [--csv] | terms --workspace NAME [--markup P --from MONTH]',
  example: 'anthology invoice --workspace research --month 2026-11',
  options: {
    ...dataOptions,
    workspace: { type: 'string', value: 'NAME', help: 'the workspace, by name or id' },
    month: { type: 'string', value: 'MONTH', help: 'the month, such as 2026-11' },
    tz: { type: 'string', value: 'ZONE', help: 'time zone of the month (default UTC)' },
    markup: {
      type: 'string',
      value: 'PERCENT',
      help: 'with terms: what comes on top of the cost, such as 12.5%; a discount is negative: --markup=-5%; none removes the terms of --from',
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
    const settings = readStoreSettings(context, values)
    const database = await openExistingStore(settings)
    try {
      await run(database, await findWorkspace(database, workspace))
    } finally {
      await database.close()
    }
    return 0
  },
}

type Run = (database: Database, workspace: Workspace) => Promise<void>

/** Lists the terms, or changes those that begin in a month. */
function prepareTerms(context: Context, values: Values): Run {
  const markup = getText(values, 'markup')
  if (markup === undefined && values['from'] === undefined)
    return async (database, { id }) => printList(context, values, await listInvoiceTerms(database, id))
  const adjustmentPpm = markup === 'none' ? null : readPercent(markup)
  const fromMonth = readMonth(values, 'from')
  return async (database, { id: workspaceId, name }) => {
    const nowMs = Date.now()
    const action = adjustmentPpm === null ? 'removeInvoiceTerms' : 'setInvoiceTerms'
    const author = { actor: 'cli', role: 'admin', action, requestId: null, atMs: nowMs } as const
    const terms = await makeChange(database, author, (queries) =>
      adjustmentPpm === null
        ? removeInvoiceTerms(queries, workspaceId, fromMonth)
        : setInvoiceTerms(queries, { workspaceId, fromMonth, adjustmentPpm }, nowMs),
    )
    if (values['json'] === true) context.out(JSON.stringify(printTerms(terms)))
    else if (adjustmentPpm === null) context.out(`${name}: the terms from ${fromMonth} on are removed.`)
    else context.out(`${name}: ${formatPercent(adjustmentPpm)} % from ${fromMonth} on.`)
  }
}

function printList(context: Context, values: Values, terms: readonly InvoiceTerms[]): void {
  if (values['json'] === true) return context.out(JSON.stringify(terms.map(printTerms), null, 2))
  const rows = terms.map(({ fromMonth, adjustmentPpm }) => [fromMonth, formatPercent(adjustmentPpm)])
  for (const line of alignColumns([['FROM', 'PERCENT'], ...rows], ['left', 'right'])) context.out(line)
}

function prepareInvoice(context: Context, values: Values): Run {
  const month = readMonth(values, 'month')
  const timeZone = readTimeZone(values)
  return async (database, { id: workspaceId }) => {
    const invoice = await createInvoice(database, { workspaceId, month, timeZone })
    if (values['json'] === true) context.out(JSON.stringify(describeInvoice(invoice), null, 2))
    else if (values['csv'] === true) context.out(listInvoiceCsv(invoice).join('\n'))
    else print(context, invoice)
  }
}

function readMonth(values: Values, name: 'month' | 'from'): string {
  const text = getText(values, name) ?? ''
  if (isMonth(text)) return text
  throw new UsageError(`--${name} needs a month, not ${JSON.stringify(text)}`, 'Write it as 2026-11.')
}

function readPercent(text = ''): bigint {
  const ppm = parsePercent(text)
  if (ppm !== null) return ppm
  throw new UsageError(
    `--markup needs percent from -100 to 9999.9999, not ${JSON.stringify(text)}`,
    'For example --markup 12.5%, or --markup=-5% for a discount.',
  )
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
      `No line has ${formatNumber(invoice.unpricedCalls, 'call')} without a known price; see anthology rerate.`,
    )
}
