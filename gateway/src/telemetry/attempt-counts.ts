import { wireErrors } from '@anthology/wire'

import type { AttemptEnd } from './call-record.ts'
import type { Metric } from './metric.ts'
import { metric } from './metric-table.ts'

/** Counts attempts by upstream. */
export interface AttemptCounts {
  /** `next`: the upstream of the attempt that follows, if any. */
  add(upstream: string, end: Pick<AttemptEnd, 'outcome' | 'errorType'>, next: string | null): void
  getMetrics(): readonly Metric[]
}

interface Attempts {
  readonly outcomes: Record<AttemptEnd['outcome'], number>
  readonly errors: Record<string, number>
  retried: number
  /** Moves by the upstream that was asked next. */
  readonly moves: Map<string, number>
}

export function createAttemptCounts(): AttemptCounts {
  const byUpstream = new Map<string, Attempts>()

  return {
    add(upstream, { outcome, errorType }, next) {
      let counts = byUpstream.get(upstream)
      if (counts === undefined) byUpstream.set(upstream, (counts = createAttempts()))
      counts.outcomes[outcome] += 1
      if (next === upstream) counts.retried += 1
      else if (next !== null) counts.moves.set(next, (counts.moves.get(next) ?? 0) + 1)
      if (errorType === null) return
      // An upstream may use any error type; a label has only known values.
      const type = Object.hasOwn(counts.errors, errorType) ? errorType : 'other'
      counts.errors[type] = (counts.errors[type] ?? 0) + 1
    },
    getMetrics: () => describe([...byUpstream]),
  }
}

function createAttempts(): Attempts {
  const types = [...wireErrors.map(({ type }) => type), 'other']
  return {
    outcomes: {
      answered: 0,
      upstream_error: 0,
      client_closed: 0,
      upstream_aborted: 0,
      key_revoked: 0,
      shut_down: 0,
    },
    errors: Object.fromEntries(types.map((type) => [type, 0])),
    retried: 0,
    moves: new Map(),
  }
}

function describe(all: readonly (readonly [upstream: string, counts: Attempts])[]): readonly Metric[] {
  const each = (counts: Readonly<Record<string, number>>, labels: { upstream: string }, name: string) =>
    Object.entries(counts).map(([key, value]) => ({ labels: { ...labels, [name]: key }, value }))

  return [
    metric(
      'anthology_attempts_total',
      all.flatMap(([upstream, { outcomes }]) => each(outcomes, { upstream }, 'outcome')),
    ),
    metric(
      'anthology_upstream_errors_total',
      all.flatMap(([upstream, counts]) => each(counts.errors, { upstream }, 'type')),
    ),
    metric(
      'anthology_retries_total',
      all.map(([upstream, { retried }]) => ({ labels: { upstream }, value: retried })),
    ),
    metric(
      'anthology_moves_total',
      all.flatMap(([upstream, { moves }]) =>
        [...moves].map(([to, value]) => ({ labels: { upstream, to }, value })),
      ),
    ),
  ]
}
