import { rateKinds } from './allowance.ts'
import type { Amounts, Denial, RateLimits } from './allowance.ts'
import type { LeaseUse } from './message.ts'
import { SlidingWindow, countedSlots, slotsPerWindow } from './sliding-window.ts'

/**
 * A bucket that several servers share, as its stored value. The sum of counted and lent amounts never exceeds the
 * limit, as in lease-server.ts; here every change is one transaction on the stored value. Pure functions.
 */
export interface SharedBucket {
  readonly holders: Readonly<Record<string, Holding>>
  /** Counted amounts by kind, as slot and amount, oldest first. */
  readonly slots: readonly [Slots, Slots, Slots]
}

type Slots = readonly (readonly [slot: number, amount: number])[]

/** The leases of one process. */
export interface Holding {
  /** Lent, and not reported as used or returned. */
  readonly lent: Amounts
  /** The number of its last change: a change that arrives again, after a commit whose result is unknown, changes nothing. */
  readonly sequence: number
  /** The amounts that this change was granted. */
  readonly granted: Amounts
}

export const emptyBucket: SharedBucket = { holders: {}, slots: [[], [], []] }

export interface BucketTime {
  /** The store's clock. */
  readonly nowMs: number
  readonly windowMs: number
}

/** The use of a bucket's leases by one process since its last report. */
export interface HolderReport {
  readonly holder: string
  /** With slots of the store's clock. */
  readonly use: LeaseUse
  /** It grows with every report of the holder. */
  readonly sequence: number
  /** The answer of an earlier transaction with this report was lost: its grant, if there was one, is given back. */
  readonly isUndelivered: boolean
}

/** Counts what a holder has used since its last report, and takes back what it returns. */
export function applyUse(bucket: SharedBucket, report: HolderReport, time: BucketTime): SharedBucket {
  const { holder, use, sequence, isUndelivered } = report
  const known = bucket.holders[holder] ?? emptyHolding
  if (sequence <= known.sequence)
    return isUndelivered && sequence === known.sequence ? giveBack(bucket, holder, known) : bucket
  const lent = each((index) => Math.max(0, known.lent[index] - use.taken[index] - use.returned[index]))
  const slots = each3((index) => count(bucket.slots[index], use.entries[index] ?? [], time))
  return { holders: { ...bucket.holders, [holder]: { lent, sequence, granted: noAmounts } }, slots }
}

function giveBack(bucket: SharedBucket, holder: string, known: Holding): SharedBucket {
  const lent = each((index) => Math.max(0, known.lent[index] - known.granted[index]))
  return { ...bucket, holders: { ...bucket.holders, [holder]: { ...known, lent, granted: noAmounts } } }
}

/** Counts the leases of holders that are gone as used now, because they may have used them until just before. */
export function forgetHolders(
  bucket: SharedBucket,
  isGone: (holder: string) => boolean,
  time: BucketTime,
): SharedBucket {
  const gone = Object.entries(bucket.holders).filter(([holder]) => isGone(holder))
  if (gone.length === 0) return bucket
  const now = getSlot(time)
  const slots = each3((index) =>
    count(
      bucket.slots[index],
      gone.map(([, { lent }]) => [now, lent[index]] as const),
      time,
    ),
  )
  const left = Object.entries(bucket.holders).filter(([holder]) => !isGone(holder))
  return { holders: Object.fromEntries(left), slots }
}

export interface LendRequest {
  readonly holder: string
  readonly limits: RateLimits
  readonly need: Amounts
  readonly wanted: Amounts
  /** The number of processes that may share the free rest. */
  readonly processes: number
}

export type LendResult =
  | { readonly ok: true; readonly bucket: SharedBucket; readonly amounts: Amounts; readonly free: Amounts }
  | {
      readonly ok: false
      readonly denial: Denial
      readonly free: Amounts
      readonly resetInMs: Amounts
      /** Other holders have leases of the missing kind, which they may return. */
      readonly isLentElsewhere: boolean
    }

/** Lends the need plus a share of the free rest, so that not every call needs a transaction. */
export function lend(bucket: SharedBucket, request: LendRequest, time: BucketTime): LendResult {
  const { holder, limits, need, wanted, processes } = request
  const windows = createWindows(bucket, limits, time)
  const free = each((index) => windows[index]?.room(time.nowMs) ?? Number.MAX_SAFE_INTEGER)
  const short = rateKinds.findIndex((_, index) => (need[index] ?? 0) > (free[index] ?? 0))
  const window = windows[short]
  const kind = rateKinds[short]
  if (window !== null && window !== undefined && kind !== undefined) {
    const waitMs = window.waitMs(need[short] ?? 0, time.nowMs)
    const others = Object.entries(bucket.holders).filter(([other]) => other !== holder)
    return {
      ok: false,
      denial: { kind, limit: window.limit, waitMs },
      free: each((index) => Math.max(0, free[index])),
      resetInMs: each((index) => windows[index]?.resetInMs(time.nowMs) ?? 0),
      isLentElsewhere: others.some(([, { lent }]) => (lent[short] ?? 0) > 0),
    }
  }
  const amounts = each((index) => {
    if (need[index] + wanted[index] === 0) return 0
    const over = free[index] - need[index]
    return need[index] + Math.min(over, Math.max(wanted[index], Math.floor(over / (2 * processes))))
  })
  const known = bucket.holders[holder] ?? emptyHolding
  const lent = each((index) => known.lent[index] + amounts[index])
  const holding: Holding = { ...known, lent, granted: amounts }
  return {
    ok: true,
    bucket: { ...bucket, holders: { ...bucket.holders, [holder]: holding } },
    amounts,
    free: each((index) => Math.max(0, free[index] - amounts[index])),
  }
}

/** True if nothing is lent and nothing counts any more. */
export function isEmptyBucket(bucket: SharedBucket, time: BucketTime): boolean {
  const isLent = Object.values(bucket.holders).some(({ lent }) => lent.some((amount) => amount > 0))
  return !isLent && bucket.slots.every((slots) => keepCounted(slots, time).length === 0)
}

export function getSlotMs(windowMs: number): number {
  return windowMs / slotsPerWindow
}

function getSlot({ nowMs, windowMs }: BucketTime): number {
  return Math.floor(nowMs / getSlotMs(windowMs))
}

function createWindows(
  { holders, slots }: SharedBucket,
  limits: RateLimits,
  time: BucketTime,
): readonly (SlidingWindow | null)[] {
  return rateKinds.map((kind, index) => {
    const limit = limits[kind]
    if (limit === undefined) return null
    const window = new SlidingWindow(limit, { windowMs: time.windowMs })
    for (const [slot, amount] of keepCounted(slots[index] ?? [], time))
      window.correct(slot, amount, time.nowMs)
    // Lent amounts are held for calls or were just used, so they expire no earlier than usage that is counted now.
    for (const { lent } of Object.values(holders)) window.hold(lent[index] ?? 0)
    return window
  })
}

/** Adds entries to their slots. Usage that is too old for its slot has not been counted in any window: it counts now. */
function count(slots: Slots, entries: Slots, time: BucketTime): Slots {
  const now = getSlot(time)
  const sums = new Map(keepCounted(slots, time))
  for (const [slot, amount] of entries) {
    const isOld = slot <= now - countedSlots
    if (isOld && amount <= 0) continue
    const at = isOld ? now : Math.min(slot, now)
    sums.set(at, (sums.get(at) ?? 0) + amount)
  }
  return [...sums].filter(([, amount]) => amount !== 0).toSorted(([one], [other]) => one - other)
}

function keepCounted(slots: Slots, time: BucketTime): Slots {
  const oldest = getSlot(time) - countedSlots
  return slots.filter(([slot]) => slot > oldest)
}

const noAmounts: Amounts = [0, 0, 0]
const emptyHolding: Holding = { lent: noAmounts, sequence: 0, granted: noAmounts }

function each(amount: (index: 0 | 1 | 2) => number): Amounts {
  return [amount(0), amount(1), amount(2)]
}

function each3(slots: (index: 0 | 1 | 2) => Slots): readonly [Slots, Slots, Slots] {
  return [slots(0), slots(1), slots(2)]
}
