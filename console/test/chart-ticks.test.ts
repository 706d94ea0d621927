import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { placeTicks } from '../src/parts/chart-ticks.ts'

const days = Array.from({ length: 28 }, (_, at) => `2026-11-${String(at + 1).padStart(2, '0')}`)

test('the last bar has its whole label, within the chart', () => {
  const width = 300
  const slot = (width - 64) / days.length

  const ticks = placeTicks(days, { getMiddle: (at) => 64 + (at + 0.5) * slot, slot, width })

  const last = ticks.at(-1)
  expect(last).toMatchObject({ at: 27, text: '11-28' })
  expect((last?.x ?? 0) + (7 * 5) / 2).toBeLessThanOrEqual(width)
})

test('labels never overlap and never leave the chart, for any names and widths', () => {
  const name = fc.oneof(
    fc.constantFrom('2026-11-22', '2026-11-22T14:00Z'),
    fc.string({ minLength: 1, maxLength: 30 }),
  )
  fc.assert(
    fc.property(
      fc.array(name, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 260, max: 1_600 }),
      (names, width) => {
        const slot = (width - 64) / names.length
        const ticks = placeTicks(names, { getMiddle: (at) => 64 + (at + 0.5) * slot, slot, width })

        const edges = ticks.map(({ x, text }) => [x - text.length * 3.5, x + text.length * 3.5] as const)
        for (const [index, [start, end]] of edges.entries()) {
          expect(start).toBeGreaterThanOrEqual(0)
          expect(end).toBeLessThanOrEqual(width)
          expect(start).toBeGreaterThan(edges[index - 1]?.[1] ?? -1)
        }
      },
    ),
  )
})
