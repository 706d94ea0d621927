import type { BookedWindow } from './booked-window.ts'

interface TurnOptions {
  readonly nowMs: () => number
  readonly read: (booked: BookedWindow) => Promise<void>
  /** Time after which a window is read again. */
  readonly afterMs: number
  readonly onError: (error: unknown) => void
}

/** Reads windows of budgets from the ledger again and again, in turns, so that many budgets cost no more than a few. */
export class ReadInTurns {
  readonly #options: TurnOptions
  readonly #readAtMs = new Map<string, number>()
  readonly #expired = new Set<string>()
  #reading: Promise<void> | null = null

  constructor(options: TurnOptions) {
    this.#options = options
  }

  /** Reads the windows whose last reads are the oldest. */
  refresh(windows: readonly BookedWindow[]): Promise<void> {
    this.#reading ??= this.#read(windows)
      .catch((error: unknown) => this.#options.onError(error))
      .finally(() => {
        this.#reading = null
      })
    return this.#reading
  }

  /** A window has changed, so it is read in the next turn. */
  expire(name: string): void {
    this.#expired.add(name)
  }

  /** Forgets windows that are not open any more. */
  retain(names: ReadonlySet<string>): void {
    for (const known of [this.#readAtMs, this.#expired])
      for (const name of known.keys()) if (!names.has(name)) known.delete(name)
  }

  async close(): Promise<void> {
    await this.#reading
  }

  async #read(windows: readonly BookedWindow[]): Promise<void> {
    const { nowMs, read, afterMs } = this.#options
    const dueMs = nowMs() - afterMs
    const findReadAtMs = ({ named: { name } }: BookedWindow) =>
      this.#expired.has(name) ? 0 : (this.#readAtMs.get(name) ?? 0)
    const due = windows
      .filter((booked) => findReadAtMs(booked) <= dueMs)
      .toSorted((one, other) => findReadAtMs(one) - findReadAtMs(other))
    for (const booked of due.slice(0, maxReads)) {
      this.#expired.delete(booked.named.name)
      await read(booked)
      this.#readAtMs.set(booked.named.name, nowMs())
    }
  }
}

/** Windows of one turn. */
const maxReads = 20
