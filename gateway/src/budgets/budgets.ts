import type { OwnerNames } from '../ledger/owner-names.ts'
import { getLimit } from './budget.ts'
import type { Budget } from './budget.ts'
import { BudgetHold } from './budget-hold.ts'
import type { HoldPart } from './budget-hold.ts'
import type { BudgetRefusal, BudgetState, MoneySource, Shortage } from './money.ts'
import { listScopes, noNames } from './scope.ts'
import type { CallOwner } from './scope.ts'

export type Held =
  | { readonly ok: true; readonly hold: BudgetHold }
  | { readonly ok: false; readonly refusal: BudgetRefusal }

/** The facts by which a call is counted. */
export interface BudgetSubject extends CallOwner {
  /** The models that may answer it. */
  readonly modelIds: readonly string[]
  readonly startedAtMs: number
}

export interface BudgetsOptions {
  readonly money: MoneySource
  readonly nowMs: () => number
  /** A budget that only warns would have refused a call. */
  readonly onWouldBlock: (budget: Budget) => void
  readonly onRefused: (refusal: BudgetRefusal) => void
}

/** A budget and its state, for explanations. */
export interface BudgetReport {
  readonly budget: Budget
  readonly limitNanoUsd: number
  readonly state: BudgetState
}

/** The budgets of this process, on the path of a call. */
export class Budgets {
  readonly #options: BudgetsOptions
  #names: OwnerNames = noNames
  #byScope: ReadonlyMap<string, readonly Budget[]> = new Map()
  /** By the id of a key: finding its budgets anew would cost more than the rest of a small call's hold. */
  readonly #byKey = new Map<string, OwnedBudgets>()

  constructor(options: BudgetsOptions) {
    this.#options = options
    const index = () => {
      this.#byScope = Map.groupBy(options.money.budgets, ({ scope }) => scope)
      this.#byKey.clear()
    }
    options.money.onChange(index)
    index()
  }

  get money(): MoneySource {
    return this.#options.money
  }

  setNames(names: OwnerNames): void {
    this.#names = names
    this.#byKey.clear()
  }

  /** The budgets that count a call, from the narrowest scope to the widest. */
  find(subject: BudgetSubject): readonly Budget[] {
    if (this.#byScope.size === 0) return none
    const owned = this.#findOwned(subject)
    const counts = (budget: Budget) =>
      isActive(budget, subject.startedAtMs) && countsModel(budget, subject.modelIds)
    return owned.every(counts) ? owned : owned.filter(counts)
  }

  #findOwned(owner: CallOwner): readonly Budget[] {
    if (owner.labels !== null) return this.#listOwned(owner)
    const known = this.#byKey.get(owner.keyId)
    if (known !== undefined && isSameOwner(known.owner, owner)) return known.budgets
    const budgets = this.#listOwned(owner)
    const { keyId, keyName, workspaceId, memberId, labels } = owner
    if (this.#byKey.size >= maxOwners) this.#byKey.clear()
    this.#byKey.set(keyId, { owner: { keyId, keyName, workspaceId, memberId, labels }, budgets })
    return budgets
  }

  #listOwned(owner: CallOwner): readonly Budget[] {
    return listScopes(owner, this.#names).flatMap((scope) => this.#byScope.get(scope) ?? none)
  }

  /** Holds an amount on every budget; a promise only if another process must be asked. */
  hold(budgets: readonly Budget[], subject: BudgetSubject, amount: number): Held | Promise<Held> {
    const parts = budgets.map((budget): HoldPart => {
      const opened = this.#options.money.open(budget, subject.startedAtMs)
      return { budget, opened, held: 0 }
    })
    const hold = new BudgetHold(parts, {
      take: (part, wanted) => this.#take(part, wanted),
      onRefused: this.#options.onRefused,
    })
    const finish = (refusal: BudgetRefusal | null): Held => {
      if (refusal === null) return { ok: true, hold }
      hold.release()
      this.#options.onRefused(refusal)
      return { ok: false, refusal }
    }
    const refused = hold.grow(Math.max(1, Math.ceil(amount)))
    return refused instanceof Promise ? refused.then(finish) : finish(refused)
  }

  /** The states of all budgets, or of those that count the calls of an owner. */
  report(owner: CallOwner | null): readonly BudgetReport[] {
    const scopes = owner === null ? null : new Set(listScopes(owner, this.#names))
    return this.describe(
      this.#options.money.budgets.filter(({ scope }) => scopes === null || scopes.has(scope)),
    )
  }

  /** The states of some budgets. */
  describe(budgets: readonly Budget[]): readonly BudgetReport[] {
    const nowMs = this.#options.nowMs()
    return budgets.map((budget) => ({
      budget,
      limitNanoUsd: getLimit(budget, nowMs),
      state: this.#options.money.getState(budget) ?? unknownState,
    }))
  }

  #take({ budget, opened }: HoldPart, amount: number): Shortage | null | Promise<Shortage | null> {
    const { money, onWouldBlock, nowMs } = this.#options
    if (budget.action === 'block') return money.take(budget, opened, amount)
    const state = money.getState(budget)
    if (state !== null && state.usedNanoUsd + amount > getLimit(budget, nowMs())) onWouldBlock(budget)
    return null
  }
}

/** The budgets of the calls of a key that have no labels. */
interface OwnedBudgets {
  readonly owner: CallOwner
  readonly budgets: readonly Budget[]
}

/** A key can be renamed, and its owner be changed. */
function isSameOwner(one: CallOwner, other: CallOwner): boolean {
  return (
    one.keyName === other.keyName && one.workspaceId === other.workspaceId && one.memberId === other.memberId
  )
}

const maxOwners = 10_000
const none: readonly Budget[] = []
const unknownState: BudgetState = { usedNanoUsd: 0, heldNanoUsd: 0, resetsAtMs: null }

/**
 * Every process knows a budget that is about to become active. One that becomes active much later than any change does
 * was made before the clock was set back: it is in force, also where its calls then count twice.
 */
function isActive({ activeFromMs }: Budget, atMs: number): boolean {
  return atMs >= activeFromMs || activeFromMs - atMs > maxActivationMs
}

/** Well above `activationMs` and the differences between clocks. */
const maxActivationMs = 5_000

function countsModel({ models }: Budget, modelIds: readonly string[]): boolean {
  return models === null || modelIds.some((id) => models.includes(id))
}
