import { formatNanoUsd, isDay } from '@anthology/catalog'
import { createStoredPricer, rerateCalls } from '@anthology/gateway'
import type { RerateResult } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command } from '../command.ts'
import { openExistingStore } from '../ledger-file.ts'
import { formatNumber } from '../number-format.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { createAccounts } from '../upstreams.ts'

export const command: Command = {
  name: 'rerate',
  summary: 'Price stored calls again after a corrected price',
  usage: '--since DAY [--dry-run]',
  example: 'anthology rerate --since 2026-11-01 --dry-run',
  options: {
    ...dataOptions,
    since: { type: 'string', value: 'DAY', help: 'first day, YYYY-MM-DD in UTC' },
    'dry-run': { type: 'boolean', help: 'show the difference and write nothing' },
  },
  withoutWords: 'It has options only: see anthology rerate --help.',
  async run(context, values) {
    const since = getText(values, 'since')
    if (since === undefined || !isDay(since))
      throw new UsageError(
        'rerate needs --since with a day',
        'For example: anthology rerate --since 2026-11-01.',
      )
    const isDryRun = values['dry-run'] === true
    const settings = readStoreSettings(context, values)
    const accounts = createAccounts({ config: settings.config, live: false, env: context.env })
    const database = await openExistingStore(settings)
    try {
      const result = await rerateCalls(database, {
        sinceMs: Date.parse(`${since}T00:00:00Z`),
        priceCall: createStoredPricer(accounts),
        isDryRun,
        nowMs: Date.now,
      })
      context.out(
        values['json'] === true ? JSON.stringify(describe(result), null, 2) : print(result, isDryRun),
      )
    } finally {
      await database.close()
      for (const account of accounts) await account.close?.()
    }
    return 0
  },
}

function describe({ calls, corrected, skipped, differenceNanoUsd }: RerateResult): object {
  return { calls, corrected, skipped, difference_usd: formatNanoUsd(differenceNanoUsd) }
}

function print({ calls, corrected, skipped, differenceNanoUsd }: RerateResult, isDryRun: boolean): string {
  const verb = isDryRun ? 'would get' : 'got'
  const lines = [
    `${formatNumber(calls, 'call')} with usage: ${corrected} ${verb} a correction, by ${formatNanoUsd(differenceNanoUsd)} USD in all.`,
  ]
  if (skipped > 0)
    lines.push(
      `${formatNumber(skipped, 'call')} ${skipped === 1 ? 'keeps its' : 'keep their'} cost, because the model or upstream is not configured any more.`,
    )
  return lines.join('\n')
}
