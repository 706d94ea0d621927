/** A call as the ledger has it. Amounts are nano-dollars. */
export interface LedgerCall {
  readonly keyId: string
  readonly startedAtMs: number
  /** Null: its process died. */
  readonly totalMs: number | null
  readonly isStream: boolean
  readonly costNanoUsd: number | null
  readonly holdNanoUsd: number
  /** It never ended, so its hold counts. */
  readonly isUnknown: boolean
}

/** A call that a budget refused, as its client saw it. */
export interface Refusal {
  readonly scope: string
  readonly keyId: string
  readonly isStream: boolean
  readonly sentAtMs: number
  readonly answeredAtMs: number
  readonly text: string
}

export interface CheckedBudget {
  readonly scope: string
  /** Null: the calls of all keys count. */
  readonly keyId: string | null
  readonly limitNanoUsd: number
}

export interface BudgetCheck {
  readonly scope: string
  readonly limitUsd: number
  readonly spentUsd: number
  /** At most zero. */
  readonly overshootNanoUsd: number
  readonly calls: number
  /** Calls whose process died. */
  readonly unknown: number
  readonly refused: number
  /** Rejections while nothing was lost in a crash; the others cannot be judged. */
  readonly judged: number
  /** Rejections of calls that fitted all of their budgets at every moment between request and answer. */
  readonly falseRejections: readonly string[]
  /** The rest is smaller than the hold of a plain call, because every call that fits is served. */
  readonly leftUsd: number
  readonly plainHoldUsd: number
}

export interface CheckedTraffic {
  readonly refused: readonly Refusal[]
  /** Times in which money of processes that died was not counted yet. */
  readonly unquiet: readonly { readonly sinceMs: number; readonly untilMs: number }[]
}

/** Compares what happened with the rule: `spent <= limit` always, and no refusal of a call that fitted. */
export function checkLedger(
  budgets: readonly CheckedBudget[],
  calls: readonly LedgerCall[],
  { refused, unquiet }: CheckedTraffic,
): readonly BudgetCheck[] {
  const listCounted = ({ keyId }: CheckedBudget) =>
    calls.filter((call) => keyId === null || call.keyId === keyId)
  const traced = budgets.map((budget) => ({
    ...budget,
    inUse: traceUse(listCounted(budget), budget.limitNanoUsd / 100),
  }))
  // A call that another of its budgets refuses holds money of the first ones until then, so either may be named.
  const isFalse = (refusal: Refusal) =>
    traced
      .filter(({ keyId }) => keyId === null || keyId === refusal.keyId)
      .every(
        ({ inUse, limitNanoUsd }) =>
          inUse(refusal.sentAtMs - clockMs, refusal.answeredAtMs + clockMs) + findHold(calls, refusal) <=
          limitNanoUsd,
      )
  return budgets.map((budget) => {
    const { scope, limitNanoUsd } = budget
    const counted = listCounted(budget)
    const own = refused.filter((one) => one.scope === scope)
    const judged = own.filter(({ sentAtMs, answeredAtMs }) =>
      unquiet.every(({ sinceMs, untilMs }) => answeredAtMs < sinceMs || sentAtMs > untilMs),
    )
    const spent = counted.reduce((sum, call) => sum + countFinal(call), 0)
    const plain = Math.min(
      ...counted.filter(({ isStream }) => !isStream).map(({ holdNanoUsd }) => holdNanoUsd),
    )
    return {
      scope,
      limitUsd: limitNanoUsd / 1e9,
      spentUsd: spent / 1e9,
      overshootNanoUsd: spent - limitNanoUsd,
      calls: counted.length,
      unknown: counted.filter(({ isUnknown }) => isUnknown).length,
      refused: own.length,
      judged: judged.length,
      falseRejections: judged.filter(isFalse).map(describeRefusal),
      leftUsd: (limitNanoUsd - spent) / 1e9,
      plainHoldUsd: plain / 1e9,
    }
  })
}

/** Times of a call are rounded to milliseconds, and an answer leaves a little after its row. */
const clockMs = 5

function countFinal({ isUnknown, costNanoUsd, holdNanoUsd }: LedgerCall): number {
  return costNanoUsd ?? (isUnknown ? holdNanoUsd : 0)
}

/**
 * Returns a function that finds the most that was spent and held at any moment of a period. A running call counts with
 * the most that it may have held: the row of a stream has its first hold only, which grew by slices with a bound of its
 * tokens by their bytes.
 */
function traceUse(
  calls: readonly LedgerCall[],
  sliceNanoUsd: number,
): (sinceMs: number, untilMs: number) => number {
  const changes = calls
    .flatMap((call) => {
      const { startedAtMs, totalMs, isStream, costNanoUsd } = call
      const extended = isStream ? maxTokensPerToken * (costNanoUsd ?? 0) + sliceNanoUsd : 0
      const most = Math.max(call.holdNanoUsd, extended)
      const begin = { atMs: startedAtMs, amount: most }
      return totalMs === null
        ? [begin]
        : [begin, { atMs: startedAtMs + totalMs, amount: countFinal(call) - most }]
    })
    .toSorted((one, other) => one.atMs - other.atMs)
  let sum = 0
  const trace = changes.map(({ atMs, amount }) => ({ atMs, sum: (sum += amount) }))
  return (sinceMs, untilMs) => {
    let most = 0
    let before = 0
    for (const { atMs, sum: used } of trace) {
      if (atMs > untilMs) break
      if (atMs < sinceMs) before = used
      else most = Math.max(most, used)
    }
    return Math.max(most, before)
  }
}

/** A token of English has four bytes, and counts as two while its stream runs; deltas are rounded up. */
const maxTokensPerToken = 3

/** The hold of a refused call: that of the calls with the same body when they began. */
function findHold(calls: readonly LedgerCall[], { keyId, isStream }: Refusal): number {
  const same = calls.filter((call) => call.keyId === keyId && call.isStream === isStream)
  return Math.min(...same.map(({ holdNanoUsd }) => holdNanoUsd))
}

function describeRefusal({ sentAtMs, answeredAtMs, isStream, text }: Refusal): string {
  const message = /This request would exceed[^"]*/.exec(text)?.[0] ?? text
  return `${isStream ? 'stream' : 'plain'} after ${answeredAtMs - sentAtMs} ms: ${message}`
}
