import type { ProtocolName } from './protocols.ts'
import { summarize } from './figures.ts'
import type { Figure } from './figures.ts'
import type { TargetName } from './targets.ts'
import type { ProtocolKind, Kind } from './traffic.ts'

/** The subject of a measurement: a server, or one protocol of a server. */
export type Subject = TargetName | ProtocolName

/** A test and its traffic. */
export type TestName =
  | `full load, ${Kind}`
  | `half load, ${Kind}`
  | `protocols, ${ProtocolKind}`
  | 'in turn, plain'
  | 'stream starts'
  | 'paced streams'
  | 'burst of streams'
  | 'memory'

/** The quantities of one test; their names are the columns of the report. */
export interface Measured {
  readonly callsPerSecond?: number
  readonly cpuMicroseconds?: number
  readonly failures?: number
  readonly p50Ms?: number
  readonly p99Ms?: number
  readonly firstByteP50Ms?: number
  readonly firstByteP99Ms?: number
  readonly firstTokenP50Ms?: number
  readonly gapMicroseconds?: number
  readonly eventMicroseconds?: number
  readonly cleanEnds?: number
  readonly lagP50Ms?: number
  readonly lagP99Ms?: number
  readonly firstRssMegabytes?: number
  readonly lastRssMegabytes?: number
}

export type Quantity = keyof Measured

/** All measurements of a run so far. */
export class Samples {
  #samples: { round: number; test: TestName; target: Subject; measured: Measured }[] = []

  add(at: { round: number; test: TestName; target: Subject }, measured: Measured): void {
    this.#samples.push({ ...at, measured })
  }

  has(test: TestName, target: Subject): boolean {
    return this.#samples.some((sample) => sample.test === test && sample.target === target)
  }

  figure(test: TestName, target: Subject, quantity: Quantity): Figure | null {
    return summarize([...this.#byRound(test, target, quantity).values()])
  }

  latest(test: TestName, target: Subject, quantity: Quantity): number | undefined {
    return [...this.#byRound(test, target, quantity).values()].at(-1)
  }

  /** Compares two targets within the same round, because other load on the machine affects both. */
  compare(
    { test, quantity }: { test: TestName; quantity: Quantity },
    [one, other]: readonly [Subject, Subject],
    combine: (one: number, other: number) => number,
  ): Figure | null {
    const others = this.#byRound(test, other, quantity)
    const ones = [...this.#byRound(test, one, quantity)]
    return summarize(ones.map(([round, value]) => combine(value, others.get(round) ?? Number.NaN)))
  }

  /** The ratio of two targets. */
  ratio(
    of: { test: TestName; quantity: Quantity },
    subjects: readonly [one: Subject, other: Subject],
  ): Figure | null {
    return this.compare(of, subjects, (one, other) => one / other)
  }

  #byRound(test: TestName, target: Subject, quantity: Quantity): Map<number, number> {
    const found = this.#samples.filter((sample) => sample.test === test && sample.target === target)
    return new Map(found.map(({ round, measured }) => [round, measured[quantity] ?? Number.NaN]))
  }
}
