import { expect, test } from 'vitest'

import { shapes } from './stall-shapes.ts'
import { measureParse, sweepStalls } from './stall-sweep.ts'
import type { Stall } from './stall-sweep.ts'

const bytes = 1_000_000

/**
 * A stall may take this many times as long as `JSON.parse` for the same body, or for a body of blocks of eight times the
 * size if that is longer: about 150 ms, and more on a slower machine.
 */
const maxParses = 5

test.concurrent.each(['gateway', 'emulator'] as const)(
  'no request or answer of 1 MB stops the %s for much longer than JSON.parse takes',
  async (server) => {
    const blocks = Buffer.from(shapes.blocks(bytes * 8))
    const baselineMs = Math.min(...[1, 2, 3].map(() => measureParse(blocks)))
    const isShort = ({ stallMs, parseMs }: Stall) => stallMs <= maxParses * Math.max(baselineMs, parseMs)

    const stalls = await sweepStalls({ server, bytes, runs: 5, accept: isShort })

    expect(stalls.length).toBeGreaterThan(200)
    expect(stalls.filter((stall) => !isShort(stall))).toEqual([])
  },
  600_000,
)
