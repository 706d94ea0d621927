import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { formatNanoUsd, isDay } from '@anthology/catalog'
import {
  describeRun,
  explainedKinds,
  findEarlierRuns,
  insertRun,
  listRuns,
  printRun,
  reconcile,
} from '@anthology/gateway'
import type { Difference, Reconciliation, ReconciliationRun } from '@anthology/gateway'

import { bold } from '../ansi-colors.ts'
import { UsageError, getText, listTexts } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { openForReports } from '../ledger-file.ts'
import { readStore } from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

export const command: Command = {
  name: 'reconcile',
  summary: "Compare a provider's reports or bills with the ledger",
  usage: 'FILE... --upstream NAME [--since DAY] [--until DAY] | runs',
  example: 'anthology reconcile usage.json cost.json --upstream claude',
  words: ['runs'],
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
    if (positionals[0] === 'runs') return showRuns(context, values, positionals.slice(1))
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
    const settings = readStoreSettings(context, values)
    const nowMs = Date.now()
    const result = await compare(settings, { files, upstreams, firstDay, lastDay, nowMs })
    const run = describeRun(result, upstreams, nowMs)
    // A read replica takes no rows, so this is the store itself.
    const earlier = await readStore(settings, async (store) => {
      const found = await findEarlierRuns(store, run)
      await insertRun(store, run)
      return found
    })
    if (values['json'] === true) context.out(JSON.stringify(describe(result, run, earlier), null, 2))
    else print(context, result, listEarlier(result, earlier))
    return run.unexplained === 0 ? 0 : 1
  },
}

async function compare(
  settings: Parameters<typeof openForReports>[0],
  request: Parameters<typeof reconcile>[1],
): Promise<Reconciliation> {
  const database = await openForReports(settings)
  try {
    return await reconcile(database, request)
  } finally {
    await database.close()
  }
}

/** Shows the stored runs, latest first. */
async function showRuns(context: Context, values: Values, [stray]: readonly string[]): Promise<number> {
  if (stray !== undefined)
    throw new UsageError(
      `reconcile runs does not accept ${JSON.stringify(stray)}`,
      'It lists the latest runs. A file named runs is written ./runs.',
    )
  const runs = await readStore(readStoreSettings(context, values), (store) =>
    listRuns(store, { after: null, limit: maxRuns }),
  )
  if (values['json'] === true) context.out(JSON.stringify(runs.map(printRun), null, 2))
  else printRuns(context, runs)
  return 0
}

const maxRuns = 100

function printRuns(context: Context, runs: readonly ReconciliationRun[]): void {
  if (runs.length === 0) return context.out('Nothing was reconciled yet.')
  const head = ['RAN AT', 'UPSTREAMS', 'FIRST DAY', 'LAST DAY', 'PROVIDER', 'LEDGER', 'UNEXPLAINED', 'FILES']
  const rows = runs.map((run) => [
    `${new Date(run.ranAtMs).toISOString().slice(0, 19)}Z`,
    run.upstreams.join(', '),
    run.firstDay ?? '-',
    run.lastDay ?? '-',
    formatNanoUsd(run.providerNanoUsd),
    formatNanoUsd(run.ledgerNanoUsd),
    `${run.unexplained} of ${run.differences}`,
    run.files.map(({ name }) => name).join(', '),
  ])
  const sides = ['left', 'left', 'left', 'left', 'right', 'right', 'right', 'left'] as const
  for (const line of alignColumns([head, ...rows], sides)) context.out(line)
}

/** Sentences about the files that were compared before. */
function listEarlier(
  { files }: Reconciliation,
  earlier: ReadonlyMap<string, ReconciliationRun>,
): readonly string[] {
  return files.flatMap(({ name, sha256 }) => {
    const run = earlier.get(sha256)
    if (run === undefined) return []
    const day = new Date(run.ranAtMs).toISOString().slice(0, 10)
    const until = run.lastDay === null ? 'with no days' : `up to ${run.lastDay}`
    const open = run.unexplained === 0 ? 'all differences explained' : `${run.unexplained} not explained`
    return [`${name} was already compared on ${day} ${until}: ${open}.`]
  })
}

function readDay(text: string | undefined): string | null {
  if (text === undefined) return null
  if (isDay(text)) return text
  throw new UsageError(`${JSON.stringify(text)} is not a day`, 'Write it as 2026-11-22.')
}

function describe(
  result: Reconciliation,
  run: ReconciliationRun,
  earlier: ReadonlyMap<string, ReconciliationRun>,
): object {
  return {
    id: run.id,
    files: result.files.map((file) => {
      const before = earlier.get(file.sha256)
      return { ...file, compared_before: before === undefined ? null : printRun(before) }
    }),
    formats: result.files.map(({ format }) => format),
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

function print(context: Context, result: Reconciliation, earlier: readonly string[]): void {
  const { differences, firstDay, lastDay, openDays } = result
  for (const line of earlier) context.out(line)
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
