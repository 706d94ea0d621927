import { array, assert, constantFrom, integer, property, record } from 'fast-check'
import { expect, test } from 'vitest'

import { applyUse, emptyBucket, forgetHolders, getSlotMs, lend } from '../../src/leases/shared-bucket.ts'
import type { SharedBucket } from '../../src/leases/shared-bucket.ts'
import { SlidingWindow } from '../../src/leases/sliding-window.ts'

const windowMs = 60_000
const limit = 20
const createLimits = () => [new SlidingWindow(limit, { windowMs }), null]

/** A step of one of three processes: it asks for requests, uses some, returns some, or disappears; then time passes. */
const steps = array(
  record({
    holder: constantFrom('a', 'b', 'c'),
    kind: constantFrom('ask', 'use', 'return', 'repeat', 'disappear'),
    amount: integer({ min: 1, max: 12 }),
    passMs: integer({ min: 0, max: 20_000 }),
  }),
  { maxLength: 60 },
)

test('whatever several processes do, no window has more usage than the limit', () => {
  assert(
    property(steps, (given) => {
      const world = new World()
      for (const step of given) world.run(step)

      for (const atMs of world.uses) {
        const inWindow = world.uses.filter((otherMs) => otherMs >= atMs && otherMs < atMs + windowMs)
        expect(inWindow.length).toBeLessThanOrEqual(limit)
      }
    }),
  )
})

test('after a window without usage the whole limit is lent again', () => {
  assert(
    property(steps, (given) => {
      const world = new World()
      for (const step of given) world.run(step)
      for (const holder of ['a', 'b', 'c'])
        world.run({ holder, kind: 'return', amount: 0, passMs: 2 * windowMs })

      const asked = { holder: 'a', limits: createLimits(), need: one(20), wanted: one(0), processes: 3 }
      expect(lend(world.bucket, asked, { nowMs: world.nowMs, windowMs }).ok).toBe(true)
    }),
  )
})

/** The processes' own view: what was lent to them and not used. */
class World {
  bucket: SharedBucket = emptyBucket
  nowMs = 1_000_000
  /** The times of all usage. */
  readonly uses: number[] = []
  readonly #left = new Map<string, number>()
  readonly #sequences = new Map<string, number>()
  /** A process that disappeared is replaced by one with another name. */
  readonly #generations = new Map<string, number>()

  run({ holder: name, kind, amount, passMs }: Step): void {
    const generation = this.#generations.get(name) ?? 0
    const holder = `${name}${generation}`
    const left = this.#left.get(holder) ?? 0
    if (kind === 'ask') this.#ask(holder, amount)
    if (kind === 'use' || kind === 'repeat') this.#use(holder, Math.min(amount, left), kind === 'repeat')
    if (kind === 'return') this.#report(holder, { returned: left })
    if (kind === 'disappear') {
      const time = { nowMs: this.nowMs, windowMs }
      this.bucket = forgetHolders(this.bucket, (other) => other === holder, time)
      this.#left.delete(holder)
      this.#generations.set(name, generation + 1)
    }
    this.nowMs += passMs
  }

  #ask(holder: string, amount: number): void {
    const asked = { holder, limits: createLimits(), need: one(amount), wanted: one(0), processes: 3 }
    const result = lend(this.bucket, asked, { nowMs: this.nowMs, windowMs })
    if (!result.ok) return
    this.bucket = result.bucket
    this.#left.set(holder, (this.#left.get(holder) ?? 0) + (result.amounts[0] ?? 0))
  }

  #use(holder: string, amount: number, isRepeated: boolean): void {
    for (let count = 0; count < amount; count += 1) this.uses.push(this.nowMs)
    this.#report(holder, { taken: amount })
    // The same report arrives again, because the result of its transaction was unknown.
    if (isRepeated) this.#apply(holder, { taken: amount })
  }

  #report(holder: string, change: { taken?: number; returned?: number }): void {
    this.#sequences.set(holder, (this.#sequences.get(holder) ?? 0) + 1)
    this.#apply(holder, change)
    const changed = (change.taken ?? 0) + (change.returned ?? 0)
    this.#left.set(holder, (this.#left.get(holder) ?? 0) - changed)
  }

  #apply(
    holder: string,
    { taken = 0, returned = 0 }: { readonly taken?: number; readonly returned?: number },
  ): void {
    const slot = Math.floor(this.nowMs / getSlotMs(windowMs))
    const entries = [taken === 0 ? [] : [[slot, taken] as const], []]
    const use = { name: 'bucket', terms: {}, taken: one(taken), returned: one(returned), entries }
    const sequence = this.#sequences.get(holder) ?? 0
    const report = { holder, use, sequence, isUndelivered: false }
    this.bucket = applyUse(this.bucket, report, { nowMs: this.nowMs, windowMs })
  }
}

interface Step {
  readonly holder: string
  readonly kind: string
  readonly amount: number
  readonly passMs: number
}

function one(amount: number): readonly number[] {
  return [amount, 0]
}
