import { DatabaseSync } from 'node:sqlite'

import { formatNumber } from './figures.ts'

/** A check, its measured value, and its result; null if the system does not allow the measurement. */
export type Finding = readonly [text: string, measured: string, isRight: boolean | null]

/** The requests that the load has made so far. */
export interface Made {
  calls: number
  streams: number
  failures: number
}

/**
 * The cost of one response of the stub, in nano-dollars: 210 input tokens, and 72 or 200 output tokens, at
 * the $15 and $75 per million of Claude Opus 4.1 ("Model pricing" of the Claude docs).
 */
const costs = { plain: 210n * 15_000n + 72n * 75_000n, stream: 210n * 15_000n + 200n * 75_000n }

/** Compares the ledger of a stopped server with the calls made to it. */
export function checkLedger(file: string, { calls, streams, failures }: Made): Finding[] {
  const database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare(
    `SELECT outcome, count(*) AS calls, sum(cost_nano_usd) AS cost
     FROM all_calls GROUP BY outcome`,
  )
  statement.setReadBigInts(true)
  const groups = statement.all() as unknown as Group[] // The columns of the statement above.
  database.close()
  const sum = (pick: (group: Group) => bigint, of = groups) =>
    of.reduce((total, group) => total + pick(group), 0n)
  const answered = groups.filter(({ outcome }) => outcome === 'answered')
  const rows = sum((group) => group.calls, answered)
  const others = groups.filter(({ outcome }) => outcome !== 'answered')
  const cost = sum((group) => group.cost ?? 0n, answered)
  const expected = BigInt(calls) * costs.plain + BigInt(streams) * costs.stream
  const wanted = BigInt(calls + streams - failures)
  const named = others.map(({ outcome, calls: count }) => `${count} ${outcome ?? 'running'}`)
  return [
    [
      'answered calls, and their rows in the ledger',
      `${formatNumber(Number(wanted))}, ${formatNumber(Number(rows))}`,
      rows === wanted,
    ],
    [
      'rows with another outcome, including `unknown`',
      named.length === 0 ? '0' : named.join(', '),
      others.length === 0,
    ],
    [
      'the sum of their costs, and the expected sum, in nano-dollars',
      `${cost}, ${expected}`,
      failures > 0 ? null : cost === expected,
    ],
  ]
}

interface Group {
  readonly outcome: string | null
  readonly calls: bigint
  readonly cost: bigint | null
}
