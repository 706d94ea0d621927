import { expect, test } from 'vitest'

import { shapes } from './stall-shapes.ts'
import { measureParse, sweepStalls } from './stall-sweep.ts'
import type { Stall } from './stall-sweep.ts'

const bytes = 1_000_000

/**
 * A stall may take this many times as long as `JSON.parse` for the same body. A body that is parsed in no time has the
 * time of eight times as many bytes of blocks, so the bound follows the machine. On an idle machine that is about 150 ms.
 */
const maxParses = 5

test.concurrent.each(['gateway', 'emulator'] as const)(
  'no request or answer of 1 MB stops the %s for much longer than JSON.parse takes',
  async (server) => {
    const blocks = Buffer.from(shapes.blocks(bytes * 8))
    const leastParseMs = Math.min(...[1, 2, 3].map(() => measureParse(blocks)))
    const isShort = ({ stallMs, parseMs }: Stall) => stallMs <= maxParses * Math.max(leastParseMs, parseMs)

    const stalls = await sweepStalls({ server, bytes, runs: 3, accept: isShort })

    expect(stalls.length).toBeGreaterThan(200)
    expect(stalls.filter((stall) => !isShort(stall))).toEqual([])
  },
  120_000,
)
