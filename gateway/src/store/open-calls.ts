import { callColumns, startColumns } from '../ledger/row-codec.ts'
import type { ColumnValue } from '../ledger/row-codec.ts'
import type { OpenCall } from './sink.ts'

/** The running calls of one process. Changes count once `commit` is called, after the store has them. */
export class OpenCalls {
  readonly #source: string
  readonly #calls = new Map<string, RunningCall>()
  readonly #changed = new Map<string, RunningCall | null>()

  constructor(source: string) {
    this.#source = source
  }

  /** `mayBeListed`: an earlier ingester may have listed it. */
  begin(start: readonly ColumnValue[], sinceMs: number, mayBeListed = false): void {
    const id = String(start[0])
    // A call that is sent to another upstream, or a start that is repeated in a new segment.
    const known = this.#find(id)
    const isListed = known?.isListed ?? mayBeListed
    this.#changed.set(id, { start, sinceMs: known?.sinceMs ?? sinceMs, isListed, isListedNow: false })
  }

  /** Returns true if the call may be listed in the store. */
  end(id: string): boolean {
    const known = this.#find(id)
    if (known === null) return false
    this.#changed.set(id, null)
    return known.isListed
  }

  /** Finds the calls that began before `beforeMs` and are not listed yet, and marks them as listed. */
  list(beforeMs: number): readonly OpenCall[] {
    const found: OpenCall[] = []
    for (const id of [...this.#calls.keys(), ...this.#changed.keys()]) {
      const call = this.#find(id)
      if (call === null || call.isListedNow || call.sinceMs > beforeMs) continue
      this.#changed.set(id, { ...call, isListed: true, isListedNow: true })
      found.push({ id, source: this.#source, start: call.start })
    }
    return found
  }

  /** The rows of all calls that will have no end. */
  abandon(): readonly (readonly ColumnValue[])[] {
    return this.ids().map((id) => [...(this.#find(id)?.start ?? []), 'unknown', ...emptyEnd])
  }

  ids(): readonly string[] {
    const all = new Set([...this.#calls.keys(), ...this.#changed.keys()])
    return [...all].filter((id) => this.#find(id) !== null)
  }

  commit(): void {
    for (const [id, call] of this.#changed)
      if (call === null) this.#calls.delete(id)
      else this.#calls.set(id, call)
    this.#changed.clear()
  }

  #find(id: string): RunningCall | null {
    const changed = this.#changed.get(id)
    return changed === undefined ? (this.#calls.get(id) ?? null) : changed
  }
}

interface RunningCall {
  readonly start: readonly ColumnValue[]
  readonly sinceMs: number
  /** The store may have it as an open call, perhaps with an earlier start. */
  readonly isListed: boolean
  readonly isListedNow: boolean
}

/** The columns after the outcome, which are unknown. */
const emptyEnd: readonly null[] = callColumns.slice(startColumns.length + 1).map(() => null)
