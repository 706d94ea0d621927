import { components } from '../ledger/call-row.ts'
import type { Component } from '../ledger/call-row.ts'
import type { LedgerSum } from './read-ledger.ts'
import type { OtherRow, ProviderRow, UsageRow } from './provider-row.ts'

/**
 * The name of a difference:
 * - `provider_only`: the provider has tokens that the ledger has not, such as another client of the same key.
 * - `gateway_only`: the ledger has tokens that the provider did not bill.
 * - `class_shift`: the same tokens in another component of the same day and model.
 * - `time_shift`: the same tokens on the day before or after, because a call ran over midnight.
 * - `estimated`: not more than the ledger has estimated, because a stream was cut.
 * - `price`: equal tokens at another cost.
 * - `unparsed`: a row of the provider that cannot be read.
 */
export type DifferenceKind =
  | 'provider_only'
  | 'gateway_only'
  | 'class_shift'
  | 'time_shift'
  | 'estimated'
  | 'price'
  | 'unparsed'

export interface Difference {
  readonly kind: DifferenceKind
  readonly day: string
  readonly model: string | null
  readonly component: Component | null
  /** Tokens of the provider minus those of the ledger. */
  readonly tokens: bigint
  /** Cost of the provider minus that of the ledger, where both are known. */
  readonly costNanoUsd: bigint | null
  readonly detail: string
}

/** Differences that need nobody's attention. */
export const explainedKinds: ReadonlySet<DifferenceKind> = new Set(['time_shift', 'estimated'])

interface Cell {
  readonly day: string
  readonly model: string
  readonly component: Component
  provider: bigint | null
  providerPicoUsd: bigint | null
  ledger: bigint
  ledgerNanoUsd: bigint
  estimated: bigint
  /** Tokens of the provider minus those of the ledger that no difference names yet. */
  open: bigint
}

/** Half a cent for each day, model and component: invoices are in whole cents. */
const toleranceNanoUsd = 5_000_000n

/** Sums rows of the provider and of the ledger, and names every difference. Tokens are compared before money. */
export class Comparison {
  readonly #cells = new Map<string, Cell>()
  readonly #bundles = new Map<string, bigint>()
  readonly #unparsed: OtherRow[] = []
  #providerPicoUsd = 0n
  #noUsagePicoUsd = 0n
  #days = new Set<string>()
  #hasTokens = false
  #hasCost = false

  add(row: ProviderRow): void {
    this.#days.add(row.day)
    if (row.kind === 'usage') return this.#addUsage(row)
    this.#providerPicoUsd += row.costPicoUsd
    if (row.kind === 'no_usage') this.#noUsagePicoUsd += row.costPicoUsd
    else if (row.kind === 'unparsed') this.#unparsed.push(row)
    else this.#bundles.set(row.day, (this.#bundles.get(row.day) ?? 0n) + row.costPicoUsd)
  }

  /** The days of the provider's rows, in order. */
  get days(): readonly string[] {
    return [...this.#days].filter((day) => day !== '').toSorted()
  }

  #addUsage({ day, model, component, quantity, costPicoUsd }: UsageRow): void {
    const cell = this.#find(day, model, component)
    if (quantity !== null) {
      cell.provider = (cell.provider ?? 0n) + quantity
      this.#hasTokens = true
    }
    if (costPicoUsd !== null) {
      cell.providerPicoUsd = (cell.providerPicoUsd ?? 0n) + costPicoUsd
      this.#providerPicoUsd += costPicoUsd
      this.#hasCost = true
    }
  }

  #find(day: string, model: string, component: Component): Cell {
    const place = `${day} ${model} ${component}`
    const empty = {
      provider: null,
      providerPicoUsd: null,
      ledger: 0n,
      ledgerNanoUsd: 0n,
      estimated: 0n,
      open: 0n,
    }
    const cell = this.#cells.get(place) ?? { day, model, component, ...empty }
    this.#cells.set(place, cell)
    return cell
  }

  finish(ledger: readonly LedgerSum[]): ComparisonResult {
    for (const { day, model, component, quantity, costNanoUsd, estimatedQuantity } of ledger) {
      const cell = this.#find(day, model, component)
      cell.ledger += quantity
      cell.ledgerNanoUsd += costNanoUsd
      cell.estimated += estimatedQuantity
    }
    const cells = [...this.#cells.values()].toSorted(compareCells)
    const differences = [
      ...(this.#hasTokens ? compareTokens(cells) : []),
      ...(this.#hasCost ? comparePrices(cells, this.#hasTokens) : []),
      ...compareBundles(this.#bundles, cells),
      ...this.#unparsed.map(describeUnparsed),
    ]
    return {
      differences,
      cells: cells.length,
      providerNanoUsd: toNano(this.#providerPicoUsd),
      noUsageNanoUsd: toNano(this.#noUsagePicoUsd),
      ledgerNanoUsd: cells.reduce((sum, { ledgerNanoUsd }) => sum + ledgerNanoUsd, 0n),
    }
  }
}

export interface ComparisonResult {
  readonly differences: readonly Difference[]
  /** The number of compared combinations of day, model and component. */
  readonly cells: number
  readonly providerNanoUsd: bigint
  /** The part of it that no call causes: taxes, credits, rounding. */
  readonly noUsageNanoUsd: bigint
  readonly ledgerNanoUsd: bigint
}

function compareTokens(cells: readonly Cell[]): readonly Difference[] {
  for (const cell of cells) cell.open = (cell.provider ?? 0n) - cell.ledger
  return [...matchTimeShifts(cells), ...matchClassShifts(cells), ...nameRest(cells)]
}

/** Pairs an equal surplus and lack of one model and component on days that follow each other. */
function matchTimeShifts(cells: readonly Cell[]): readonly Difference[] {
  const byPlace = new Map(cells.map((cell) => [`${cell.day} ${cell.model} ${cell.component}`, cell]))
  return cells.flatMap((one) => {
    const nextDay = addDay(one.day)
    const other = nextDay === null ? undefined : byPlace.get(`${nextDay} ${one.model} ${one.component}`)
    return other === undefined
      ? []
      : matchPair('time_shift', one, other, `the ledger has them on ${one.open > 0n ? other.day : one.day}`)
  })
}

/** Pairs an equal surplus and lack of two components of one day and model. */
function matchClassShifts(cells: readonly Cell[]): readonly Difference[] {
  const groups = Map.groupBy(cells, ({ day, model }) => `${day} ${model}`)
  return [...groups.values()].flatMap((group) =>
    group.flatMap((one, at) =>
      group.slice(at + 1).flatMap((other) => matchPair('class_shift', one, other, `of ${other.component}`)),
    ),
  )
}

/** Closes a surplus and a lack that are equal. */
function matchPair(kind: DifferenceKind, one: Cell, other: Cell, detail: string): readonly Difference[] {
  if (one.open === 0n || one.open !== -other.open) return []
  const found = describeTokens(kind, one, detail)
  one.open = 0n
  other.open = 0n
  return [found]
}

function addDay(day: string): string | null {
  const ms = Date.parse(day)
  return Number.isNaN(ms) ? null : new Date(ms + 86_400_000).toISOString().slice(0, 10)
}

function nameRest(cells: readonly Cell[]): readonly Difference[] {
  return cells
    .filter((cell) => cell.open !== 0n)
    .map((cell) => {
      const size = cell.open < 0n ? -cell.open : cell.open
      if (size <= cell.estimated)
        return describeTokens('estimated', cell, `${cell.estimated} tokens of the ledger are estimated`)
      return cell.open > 0n
        ? describeTokens(
            'provider_only',
            cell,
            'another client of the account, or calls that are not in the ledger',
          )
        : describeTokens('gateway_only', cell, 'calls that the provider did not bill, or bills later')
    })
}

function describeTokens(kind: DifferenceKind, cell: Cell, detail: string): Difference {
  const { day, model, component, open, providerPicoUsd, ledgerNanoUsd } = cell
  const costNanoUsd = providerPicoUsd === null ? null : toNano(providerPicoUsd) - ledgerNanoUsd
  return { kind, day, model, component, tokens: open, costNanoUsd, detail }
}

/** The cost must be equal if the tokens are equal or unknown. */
function comparePrices(cells: readonly Cell[], hasTokens: boolean): readonly Difference[] {
  return cells.flatMap((cell): readonly Difference[] => {
    const { day, model, component, provider, providerPicoUsd, ledger, ledgerNanoUsd } = cell
    if (hasTokens && (provider ?? 0n) !== ledger) return []
    const costNanoUsd = toNano(providerPicoUsd ?? 0n) - ledgerNanoUsd
    if (isTolerated(costNanoUsd)) return []
    const detail = hasTokens ? `${ledger} tokens on both sides` : 'the provider gave no tokens'
    return [{ kind: 'price', day, model, component, tokens: 0n, costNanoUsd, detail }]
  })
}

/** A line for all models of a day: only its sum can be compared. */
function compareBundles(bundles: ReadonlyMap<string, bigint>, cells: readonly Cell[]): readonly Difference[] {
  return [...bundles].flatMap(([day, picoUsd]): readonly Difference[] => {
    const ledger = cells
      .filter((cell) => cell.day === day)
      .reduce((sum, cell) => sum + cell.ledgerNanoUsd, 0n)
    const costNanoUsd = toNano(picoUsd) - ledger
    // Units of a cent may be carried from hour to hour.
    if (isTolerated(costNanoUsd / 2n)) return []
    const detail = 'one line for all models, so only the sum of the day is compared'
    return [{ kind: 'price', day, model: null, component: null, tokens: 0n, costNanoUsd, detail }]
  })
}

function describeUnparsed({ day, line, costPicoUsd, text }: OtherRow): Difference {
  const detail = `line ${line}: ${text}`
  return {
    kind: 'unparsed',
    day,
    model: null,
    component: null,
    tokens: 0n,
    costNanoUsd: toNano(costPicoUsd),
    detail,
  }
}

function isTolerated(nanoUsd: bigint): boolean {
  return nanoUsd <= toleranceNanoUsd && nanoUsd >= -toleranceNanoUsd
}

/** Rounds towards zero: the rest is far below the tolerance. */
function toNano(picoUsd: bigint): bigint {
  return picoUsd / 1_000n
}

function compareCells(one: Cell, other: Cell): number {
  if (one.day !== other.day) return one.day < other.day ? -1 : 1
  if (one.model !== other.model) return one.model < other.model ? -1 : 1
  return components.indexOf(one.component) - components.indexOf(other.component)
}
