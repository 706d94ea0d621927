import type { LeaseDenial, SharedAllowance } from './allowance.ts'
import type { LeaseAmounts, LeaseUse, SlotEntries } from './message.ts'
import { countedSlots, slotsPerWindow } from './sliding-window.ts'

/**
 * A bucket that several servers share, as its stored value. The sum of counted and lent amounts never exceeds the
 * limit, as in lease-server.ts; here every change is one transaction on the stored value. Pure functions.
 */
export interface SharedBucket {
  readonly holders: Readonly<Record<string, Holding>>
  /** Counted amounts by limit, as slot and amount, oldest first. */
  readonly slots: readonly SlotEntries[]
}

/** The leases of one process. */
export interface Holding {
  /** Lent, and not reported as used or returned. */
  readonly lent: LeaseAmounts
  /** The number of its last change: a change that arrives again, after a commit whose result is unknown, changes nothing. */
  readonly sequence: number
  /** The amounts that this change was granted. */
  readonly granted: LeaseAmounts
}

export const emptyBucket: SharedBucket = { holders: {}, slots: [] }

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
  const lent = use.taken.map((taken, index) =>
    Math.max(0, (known.lent[index] ?? 0) - taken - (use.returned[index] ?? 0)),
  )
  const slots = use.entries.map((entries, index) => count(bucket.slots[index] ?? [], entries, time))
  return { holders: { ...bucket.holders, [holder]: { lent, sequence, granted: [] } }, slots }
}

function giveBack(bucket: SharedBucket, holder: string, known: Holding): SharedBucket {
  const lent = known.lent.map((amount, index) => Math.max(0, amount - (known.granted[index] ?? 0)))
  return { ...bucket, holders: { ...bucket.holders, [holder]: { ...known, lent, granted: [] } } }
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
  const limits = Math.max(bucket.slots.length, ...gone.map(([, { lent }]) => lent.length))
  const slots = Array.from({ length: limits }, (_, index) =>
    count(
      bucket.slots[index] ?? [],
      gone.map(([, { lent }]) => [now, lent[index] ?? 0] as const),
      time,
    ),
  )
  const left = Object.entries(bucket.holders).filter(([holder]) => !isGone(holder))
  return { holders: Object.fromEntries(left), slots }
}

export interface LendRequest {
  readonly holder: string
  /** New and empty limits of the bucket; null for one that is unlimited. */
  readonly limits: readonly (SharedAllowance | null)[]
  readonly need: LeaseAmounts
  readonly wanted: LeaseAmounts
  /** The number of processes that may share the free rest. */
  readonly processes: number
}

export type LendResult =
  | {
      readonly ok: true
      readonly bucket: SharedBucket
      readonly amounts: LeaseAmounts
      readonly free: LeaseAmounts
    }
  | {
      readonly ok: false
      readonly denial: LeaseDenial
      readonly free: LeaseAmounts
      readonly resetInMs: LeaseAmounts
      /** Other holders have leases of the missing kind, which they may return. */
      readonly isLentElsewhere: boolean
    }

/** Lends the need plus a share of the free rest, so that not every call needs a transaction. */
export function lend(bucket: SharedBucket, request: LendRequest, time: BucketTime): LendResult {
  const { holder, limits, need, wanted, processes } = request
  const used = fill(bucket, limits, time)
  const free = limits.map((limit) => limit?.room(time.nowMs) ?? Number.MAX_SAFE_INTEGER)
  const short = free.findIndex((amount, index) => (need[index] ?? 0) > amount)
  const limit = limits[short]
  if (limit !== null && limit !== undefined) {
    const waitMs = limit.waitMs(need[short] ?? 0, time.nowMs)
    const others = Object.entries(bucket.holders).filter(([other]) => other !== holder)
    return {
      ok: false,
      denial: {
        index: short,
        limit: limit.limit,
        used: used[short] ?? 0,
        free: Math.max(0, free[short] ?? 0),
        waitMs,
        resetInMs: limit.resetInMs(time.nowMs),
      },
      free: free.map((amount) => Math.max(0, amount)),
      resetInMs: limits.map((each) => each?.resetInMs(time.nowMs) ?? 0),
      isLentElsewhere: others.some(([, { lent }]) => (lent[short] ?? 0) > 0),
    }
  }
  const amounts = free.map((available, index) => {
    const [needed = 0, extra = 0] = [need[index], wanted[index]]
    if (needed + extra === 0) return 0
    const over = available - needed
    return needed + Math.min(over, Math.max(extra, Math.floor(over / (2 * processes))))
  })
  const known = bucket.holders[holder] ?? emptyHolding
  const lent = amounts.map((amount, index) => (known.lent[index] ?? 0) + amount)
  const holding: Holding = { ...known, lent, granted: amounts }
  return {
    ok: true,
    bucket: { ...bucket, holders: { ...bucket.holders, [holder]: holding } },
    amounts,
    free: free.map((available, index) => Math.max(0, available - (amounts[index] ?? 0))),
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

/** Counts the bucket's amounts in new limits. Returns what is counted without what is lent. */
function fill(
  { holders, slots }: SharedBucket,
  limits: LendRequest['limits'],
  time: BucketTime,
): readonly number[] {
  return limits.map((limit, index) => {
    if (limit === null) return 0
    for (const [slot, amount] of keepCounted(slots[index] ?? [], time))
      limit.correct(slot, amount, time.nowMs, 0)
    const used = limit.limit - limit.room(time.nowMs)
    // Lent amounts are held for calls or were just used, so they expire no earlier than usage that is counted now.
    for (const { lent } of Object.values(holders)) limit.hold(lent[index] ?? 0)
    return used
  })
}

/** Adds entries to their slots. Usage that is too old for its slot has not been counted in any window: it counts now. */
function count(slots: SlotEntries, entries: SlotEntries, time: BucketTime): SlotEntries {
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

function keepCounted(slots: SlotEntries, time: BucketTime): SlotEntries {
  const oldest = getSlot(time) - countedSlots
  return slots.filter(([slot]) => slot > oldest)
}

const emptyHolding: Holding = { lent: [], sequence: 0, granted: [] }
