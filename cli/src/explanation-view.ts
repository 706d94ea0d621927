import type { ExplainedAttempt, ExplainedExclusion, Explanation } from '@anthology/gateway'

import { bold, dim } from './ansi-colors.ts'
import type { Context } from './command.ts'
import { alignColumns, wrapColumns } from './table.ts'

const reasons: Readonly<Record<ExplainedAttempt['because'], string>> = {
  first_of_group: 'first in its group',
  warm_cache: 'its prompt cache is warm',
  bound_thinking: 'the thinking of the conversation is bound to it',
  next_in_group: 'next in its group',
  less_load: 'the usual one of its group has more open calls than its share',
  next_group: 'next group',
  fallback_model: 'fallback model',
  estimate: 'it cannot count, so the gateway estimates',
  last_resort: 'nothing else is left',
}

/** Prints a plan: the attempts in their order, then the upstreams that are left out. */
export function renderExplanation(
  { model, attempts, excluded }: Explanation,
  context: Context,
): readonly string[] {
  return [
    `${bold(model, context)} ${summarize(attempts)}`,
    ...(attempts.length === 0 ? [] : ['', ...renderAttempts(attempts, context)]),
    ...(excluded.length === 0 ? [] : ['', 'Not asked:', ...renderExcluded(excluded, model, context)]),
  ]
}

function summarize(attempts: readonly ExplainedAttempt[]): string {
  if (attempts.length === 0) return 'has no upstream for this request.'
  if (attempts.length === 1) return 'would be asked at one upstream.'
  return `would be asked in this order, the next one only if the one before it fails:`
}

function renderAttempts(attempts: readonly ExplainedAttempt[], context: Context): readonly string[] {
  const rows = attempts.map((attempt, index) => ({
    start: [String(index + 1), attempt.upstream, attempt.platform],
    name: attempt.model,
    end: [reasons[attempt.because] ?? attempt.because, printPrice(attempt.price)],
  }))
  const head = { start: ['#', 'Upstream', 'Platform'], name: 'Name there', end: ['Why', 'Price'] }
  const wide = alignColumns([head, ...rows].map(({ start, name, end }) => [...start, name, ...end]))
  if (wide.every((line) => line.length <= context.columns - 2))
    return wide.map((line, index) => (index === 0 ? dim(`  ${line}`, context) : `  ${line}`))
  // In a narrow terminal the long names have lines of their own.
  const narrow = alignColumns([head, ...rows].map(({ start, end }) => [...start, ...end]))
  return narrow.flatMap((line, index) => {
    const row = rows[index - 1]
    return row === undefined
      ? [dim(`  ${line}`, context)]
      : [`  ${line}`, dim(`     as ${row.name}`, context)]
  })
}

function printPrice(price: ExplainedAttempt['price']): string {
  if ('because' in price) return 'unknown'
  return price.low_usd === price.high_usd ? `$${price.high_usd}` : `$${price.low_usd} to $${price.high_usd}`
}

function renderExcluded(
  excluded: readonly ExplainedExclusion[],
  model: string,
  context: Context,
): readonly string[] {
  const rows = excluded.map(({ upstream, because, detail, model: excludedModel }) => [
    upstream,
    because.replaceAll('_', ' '),
    excludedModel === model ? detail : `${excludedModel}: ${detail}`,
  ])
  const measure = (column: number): number => Math.max(...rows.map((row) => row[column]?.length ?? 0))
  const [names, kinds] = [measure(0), measure(1)]
  const rest = Math.max(20, context.columns - 2 - names - 2 - kinds - 2)
  return wrapColumns(rows, [names, kinds, rest]).map((line) => `  ${line}`)
}
