import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createSwapList } from '../../src/http/swap-list.ts'

test('what was added and not taken out is in it, whatever the order', () => {
  const steps = fc.array(fc.oneof(fc.constant('add'), fc.nat()), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (wanted) => {
      const bag = createSwapList<number>()
      const inside = new Map<number, () => void>()
      for (const [item, step] of wanted.entries()) {
        if (step === 'add') inside.set(item, bag.add(item))
        else {
          const [out, take] = [...inside][step % Math.max(1, inside.size)] ?? []
          take?.()
          if (out !== undefined) inside.delete(out)
        }
      }

      expect(bag.items().toSorted((one, other) => one - other)).toEqual([...inside.keys()])
    }),
  )
})
