import type { BookedWindow } from './booked-window.ts'

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
  /** The amount in use in this server when the ledger was read, which the ledger has mostly. */
  readonly inUseNanoUsd: number
  readonly readAtMs: number
}

/**
 * What several servers on one store have spent of a window, for the states that users see, the events and the budgets
 * that only warn. The shares of servers do not tell it: a share has what is not used yet too, and a budget that only
 * warns has none. The ledger is read again in turns, so that many budgets cost no more than a few.
 */
export class LedgerSpend {
  readonly #options: LedgerSpendOptions
  readonly #known = new Map<string, KnownSpend>()
  #reading: Promise<void> | null = null

  constructor(options: LedgerSpendOptions) {
    this.#options = options
  }

  /** Reads the windows whose sums are the oldest. */
  refresh(windows: readonly BookedWindow[]): Promise<void> {
    this.#reading ??= this.#read(windows).finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  /** What all servers have spent and hold of a window, with the changes of this server since the read; null: not read yet. */
  count(booked: BookedWindow): number | null {
    const known = this.#known.get(booked.named.name)
    if (known === undefined) return null
    return known.ledgerNanoUsd + this.#options.countInUse(booked) - known.inUseNanoUsd
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name)
  }

  async close(): Promise<void> {
    await this.#reading
  }

  async #read(windows: readonly BookedWindow[]): Promise<void> {
    const { nowMs, read, countInUse, onError } = this.#options
    const dueMs = nowMs() - rereadMs
    const getReadAtMs = ({ named }: BookedWindow) => this.#known.get(named.name)?.readAtMs ?? 0
    const due = windows
      .filter((booked) => getReadAtMs(booked) <= dueMs)
      .toSorted((one, other) => getReadAtMs(one) - getReadAtMs(other))
    try {
      for (const booked of due.slice(0, maxReads)) {
        const ledgerNanoUsd = await read(booked)
        const inUseNanoUsd = countInUse(booked)
        this.#known.set(booked.named.name, { ledgerNanoUsd, inUseNanoUsd, readAtMs: nowMs() })
      }
    } catch (error) {
      onError(error)
    }
  }
}

const rereadMs = 1_000
/** Windows of one refresh. */
const maxReads = 20
