import { aspects } from '@anthology/migrate'
import type { AnswerDifference, AnswerFacts } from '@anthology/migrate'

import { bold } from '../ansi-colors.ts'
import type { Context } from '../command.ts'
import { formatCount } from '../number-format.ts'
import { alignColumns, wrapColumns } from '../table.ts'

/** One request with both answers. */
export interface ReplayedCall {
  readonly place: string
  readonly before: ReplaySide
  readonly after: ReplaySide
  readonly differences: readonly AnswerDifference[]
  /** What the target refuses and no edit repairs, in sentences. */
  readonly unrepaired: readonly string[]
}

export interface ReplaySide extends AnswerFacts {
  readonly tookMs: number | null
  readonly costUsd: string | null
}

export interface ReplayResult {
  readonly from: string
  readonly to: string
  readonly upstream: string
  readonly calls: readonly ReplayedCall[]
}

/** Examples that are shown side by side; `--json` has all. */
const maxExamples = 5
const maxTextLength = 400

export function printReplay(context: Context, result: ReplayResult): void {
  const { from, to, upstream, calls } = result
  const different = calls.filter(({ differences }) => differences.length > 0)
  context.out(
    bold(
      `${calls.length} requests, ${from} and ${to}, at the upstream ${upstream}: ${different.length} differ`,
      context,
    ),
  )
  const sides = { before: calls.map((call) => call.before), after: calls.map((call) => call.after) }
  const rows = [
    ['', 'BEFORE', 'AFTER'],
    ['errors', ...compare(sides, (side) => count(side, ({ error }) => error !== null))],
    ['refusals', ...compare(sides, (side) => count(side, ({ isRefusal }) => isRefusal))],
    ...listStopReasons(calls).map((reason) => [
      `stop reason ${reason}`,
      ...compare(sides, (side) => count(side, ({ stopReason }) => stopReason === reason)),
    ]),
    ['tool calls', ...compare(sides, (side) => sum(side, ({ toolCalls }) => toolCalls.length))],
    [
      'not valid by the schema',
      ...compare(sides, (side) => count(side, ({ isStructured }) => isStructured === false)),
    ],
    ['input tokens', ...compare(sides, (side) => sum(side, ({ inputTokens }) => inputTokens ?? 0))],
    ['output tokens', ...compare(sides, (side) => sum(side, ({ outputTokens }) => outputTokens ?? 0))],
    ['median ms', ...compare(sides, (side) => median(side))],
    ['cost USD', ...compare(sides, (side) => sumCost(side))],
  ]
  for (const line of alignColumns(rows, ['left', 'right', 'right'])) context.out(line)
  for (const aspect of aspects) {
    const found = calls.filter(({ differences }) => differences.some((each) => each.aspect === aspect)).length
    if (found > 0) context.out(`${aspect.replaceAll('_', ' ')} differs in ${found} of ${calls.length}`)
  }
  for (const call of different.slice(0, maxExamples)) printExample(context, call)
  if (different.length > maxExamples)
    context.out(`${different.length - maxExamples} more differ; --json has all of them.`)
}

function printExample(
  context: Context,
  { place, before, after, differences, unrepaired }: ReplayedCall,
): void {
  context.out('')
  context.out(bold(place, context))
  for (const { aspect, before: one, after: other } of differences)
    context.out(`  ${aspect.replaceAll('_', ' ')}: ${shorten(one)} -> ${shorten(other)}`)
  for (const text of unrepaired) context.out(`  ${text}`)
  const width = Math.max(minTextWidth, Math.floor((context.columns - 4) / 2))
  const rows = [
    ['before', 'after'],
    [shorten(describeAnswer(before)), shorten(describeAnswer(after))],
  ]
  for (const line of wrapColumns(rows, [width, width])) context.out(`  ${line}`)
}

const minTextWidth = 24

function describeAnswer({ text, toolCalls, error }: ReplaySide): string {
  return [text, ...toolCalls.map((call) => `[${call}]`), error ?? ''].filter((part) => part !== '').join(' ')
}

function listStopReasons(calls: readonly ReplayedCall[]): readonly string[] {
  const reasons = calls.flatMap(({ before, after }) => [before.stopReason, after.stopReason])
  return [...new Set(reasons)].filter((reason) => reason !== null).toSorted()
}

interface Sides {
  readonly before: readonly ReplaySide[]
  readonly after: readonly ReplaySide[]
}

function compare(sides: Sides, read: (side: readonly ReplaySide[]) => string): readonly string[] {
  return [read(sides.before), read(sides.after)]
}

function count(sides: readonly ReplaySide[], matches: (side: ReplaySide) => boolean): string {
  return formatCount(sides.filter(matches).length)
}

function sum(sides: readonly ReplaySide[], read: (side: ReplaySide) => number): string {
  return formatCount(sides.reduce((total, side) => total + read(side), 0))
}

function median(sides: readonly ReplaySide[]): string {
  const times = sides.flatMap(({ tookMs }) => tookMs ?? []).toSorted((one, other) => one - other)
  const middle = times[Math.floor(times.length / 2)]
  return middle === undefined ? '-' : formatCount(Math.round(middle))
}

/** Nano-dollars, added without rounding. */
function sumCost(sides: readonly ReplaySide[]): string {
  const nano = sides.reduce((total, { costUsd }) => total + readNano(costUsd), 0n)
  const digits = nano.toString().padStart(10, '0')
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`
}

function readNano(usd: string | null): bigint {
  const [whole = '0', decimals = ''] = (usd ?? '0').split('.')
  return BigInt(whole) * 1_000_000_000n + BigInt(decimals.padEnd(9, '0').slice(0, 9))
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  return line.length > maxTextLength ? `${line.slice(0, maxTextLength - 3)}...` : line
}
