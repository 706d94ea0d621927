import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createSwapList } from '../../src/http/swap-list.ts'

test('it contains the items that were added and not removed, whatever the order', () => {
  const steps = fc.array(fc.oneof(fc.constant('add'), fc.nat()), { maxLength: 60 })
  fc.assert(
    fc.property(steps, (wanted) => {
      const list = createSwapList<number>()
      const inside = new Map<number, () => void>()
      for (const [item, step] of wanted.entries()) {
        if (step === 'add') inside.set(item, list.add(item))
        else {
          const [out, take] = [...inside][step % Math.max(1, inside.size)] ?? []
          take?.()
          if (out !== undefined) inside.delete(out)
        }
      }

      expect(list.items().toSorted((one, other) => one - other)).toEqual([...inside.keys()])
    }),
  )
})
