import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { formatNanoUsd } from '@anthology/catalog'
import { explainedKinds, reconcile } from '@anthology/gateway'
import type { Difference, Reconciliation } from '@anthology/gateway'

import { bold } from '../ansi-colors.ts'
import { UsageError, getText, listTexts } from '../command.ts'
import type { Command, Context } from '../command.ts'
import { isDay } from '../effective-day.ts'
import { openForReports } from '../ledger-file.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'reconcile',
  summary: "Compare a provider's reports or bills with the ledger",
  usage: 'FILE... --upstream NAME [--since DAY] [--until DAY]',
  example: 'anthology reconcile usage.json cost.json --upstream claude',
  options: {
    ...dataOptions,
    upstream: {
      type: 'string',
      value: 'NAME',
      multiple: true,
      help: 'the upstream of the account that the files are about; may be repeated',
    },
    since: { type: 'string', value: 'DAY', help: 'first day, in UTC (default: of the files)' },
    until: { type: 'string', value: 'DAY', help: 'last day (default: two days ago, or of the files)' },
  },
  async run(context, values, positionals) {
    const upstreams = new Set(listTexts(values, 'upstream'))
    if (positionals.length === 0 || upstreams.size === 0)
      throw new UsageError(
        'reconcile needs files and the upstream that they are about',
        'For example: anthology reconcile usage.json cost.json --upstream claude.',
      )
    const files = positionals.map((file) => resolvePath(context.cwd, file))
    const missing = files.find((file) => !existsSync(file))
    if (missing !== undefined)
      throw new UsageError(`there is no file ${missing}`, 'Give the files that the provider exported.')
    const [firstDay, lastDay] = [readDay(getText(values, 'since')), readDay(getText(values, 'until'))]
    const settings = readSettings(context, values, ['data', 'store'])
    const database = await openForReports(settings)
    try {
      const result = await reconcile(database, { files, upstreams, firstDay, lastDay, nowMs: Date.now() })
      if (values['json'] === true) context.out(JSON.stringify(describe(result), null, 2))
      else print(context, result)
      return result.differences.every(({ kind }) => explainedKinds.has(kind)) ? 0 : 1
    } finally {
      await database.close()
    }
  },
}

function readDay(text: string | undefined): string | null {
  if (text === undefined) return null
  if (isDay(text)) return text
  throw new UsageError(`${JSON.stringify(text)} is not a day`, 'Write it as 2026-11-22.')
}

function describe(result: Reconciliation): object {
  return {
    formats: result.formats,
    first_day: result.firstDay,
    last_day: result.lastDay,
    open_days: result.openDays,
    compared: result.cells,
    provider_usd: formatNanoUsd(result.providerNanoUsd),
    no_usage_usd: formatNanoUsd(result.noUsageNanoUsd),
    ledger_usd: formatNanoUsd(result.ledgerNanoUsd),
    differences: result.differences.map((difference) => ({
      kind: difference.kind,
      explained: explainedKinds.has(difference.kind),
      day: difference.day,
      model: difference.model,
      component: difference.component,
      tokens: Number(difference.tokens),
      cost_usd: formatCost(difference),
      detail: difference.detail,
    })),
  }
}

function formatCost({ costNanoUsd }: Difference): string | null {
  return costNanoUsd === null ? null : formatNanoUsd(costNanoUsd)
}

function print(context: Context, result: Reconciliation): void {
  const { differences, firstDay, lastDay, openDays } = result
  const days = firstDay === null ? 'no days' : `${firstDay} to ${lastDay}`
  context.out(bold(`${days}: ${result.cells} combinations of day, model and component compared`, context))
  context.out(
    `Provider ${formatNanoUsd(result.providerNanoUsd)} USD, ledger ${formatNanoUsd(result.ledgerNanoUsd)} USD.`,
  )
  if (result.noUsageNanoUsd !== 0n)
    context.out(
      `${formatNanoUsd(result.noUsageNanoUsd)} USD of the bill are taxes, credits and other money without calls.`,
    )
  if (openDays.length > 0)
    context.out(`Not compared, because the provider may still revise them: ${openDays.join(', ')}.`)
  if (differences.length === 0) return context.out('No differences.')
  const head = ['DIFFERENCE', 'DAY', 'MODEL', 'COMPONENT', 'TOKENS', 'USD', 'DETAIL']
  const rows = differences.map((one) => [
    one.kind,
    one.day,
    one.model ?? '-',
    one.component ?? '-',
    one.tokens.toLocaleString('en-US'),
    formatCost(one) ?? '-',
    one.detail,
  ])
  for (const line of alignColumns(
    [head, ...rows],
    ['left', 'left', 'left', 'left', 'right', 'right', 'left'],
  ))
    context.out(line)
  const open = differences.filter(({ kind }) => !explainedKinds.has(kind)).length
  context.out(open === 0 ? 'All differences are explained.' : `${open} differences are not explained.`)
}
