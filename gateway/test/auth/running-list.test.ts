import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { RunningList } from '../../src/auth/running-list.ts'

test('has what was added and not removed, whatever the order', () => {
  const step = fc.oneof(fc.constant('add' as const), fc.record({ remove: fc.nat(30) }))
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const list = new RunningList<number>()
      const expected = new Set<number>()
      const removals: (() => void)[] = []
      for (const each of steps) {
        if (each === 'add') {
          expected.add(removals.length)
          removals.push(list.add(removals.length))
        } else {
          // Also one that was removed before, or that never was.
          removals[each.remove]?.()
          expected.delete(each.remove)
        }
        expect(new Set(list)).toEqual(expected)
        expect([...list]).toHaveLength(expected.size)
      }
    }),
  )
})

test('values may be removed while the list is read', () => {
  const list = new RunningList<() => void>()
  const seen: number[] = []
  for (const at of [1, 2, 3]) {
    const remove = list.add(() => {
      seen.push(at)
      remove()
    })
  }

  for (const end of list) end()

  expect(seen).toEqual([1, 2, 3])
  expect([...list]).toEqual([])
})
