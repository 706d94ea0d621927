import type { BookedWindow } from './booked-window.ts'
import { ReadInTurns } from './read-in-turns.ts'

interface LedgerSpendOptions {
  readonly nowMs: () => number
  /** The sum of the ledger for a window, over all servers: ended and running calls. */
  readonly read: (booked: BookedWindow) => Promise<number>
  /** The amount that is spent, held and lent of a window in this server. */
  readonly countInUse: (booked: BookedWindow) => number
  readonly onError: (error: unknown) => void
}

interface KnownSpend {
  readonly ledgerNanoUsd: number
  /** The amount in use in this server when the ledger was read, most of which the ledger has. */
  readonly inUseNanoUsd: number
}

/**
 * Sums what several servers on one store have spent of a window, for the states that users see, the events and the
 * budgets that only warn. The shares of servers cannot be used for that: a share has money that is not spent yet too,
 * and a budget that only warns has none.
 */
export class LedgerSpend {
  readonly turns: ReadInTurns
  readonly #countInUse: LedgerSpendOptions['countInUse']
  readonly #known = new Map<string, KnownSpend>()

  constructor({ nowMs, read, countInUse, onError }: LedgerSpendOptions) {
    this.#countInUse = countInUse
    this.turns = new ReadInTurns({
      nowMs,
      afterMs: rereadMs,
      onError,
      read: async (booked) => {
        const ledgerNanoUsd = await read(booked)
        this.#known.set(booked.named.name, { ledgerNanoUsd, inUseNanoUsd: countInUse(booked) })
      },
    })
  }

  /** The amount that all servers have spent and hold of a window, with the changes of this server since the read; null: not read yet. */
  count(booked: BookedWindow): number | null {
    const known = this.#known.get(booked.named.name)
    if (known === undefined) return null
    return known.ledgerNanoUsd + this.#countInUse(booked) - known.inUseNanoUsd
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    this.turns.retain(names)
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
  }
}

const rereadMs = 1_000
