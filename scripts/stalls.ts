// Prints the longest stalls of the event loop, over all protocols and body shapes: node scripts/stalls.ts [gateway|emulator] [MB ...]
import { sweepStalls } from '../test/stall-sweep.ts'
import type { Stall } from '../test/stall-sweep.ts'

const MB = 1_000_000
const [server = 'gateway', ...sizes] = process.argv.slice(2)
if (server !== 'gateway' && server !== 'emulator') {
  process.stderr.write('usage: node scripts/stalls.ts [gateway|emulator] [MB ...]\n')
  process.exit(2)
}

const stalls: Stall[] = []
for (const size of sizes.length === 0 ? [1, 8, 31] : sizes.map(Number)) {
  const worstMs = new Map<string, number>()
  // The shortest of three runs counts. A cell that cannot be the worst of its place is not repeated.
  const accept = ({ place, stallMs }: Stall) => stallMs <= (worstMs.get(place) ?? 0)
  const progress = ({ place, shape, status, stallMs, parseMs }: Stall) => {
    worstMs.set(place, Math.max(worstMs.get(place) ?? 0, stallMs))
    process.stderr.write(
      `${size} MB ${place} ${shape}: ${status}, ${Math.round(stallMs)} ms (JSON.parse ${Math.round(parseMs)})\n`,
    )
  }
  stalls.push(...(await sweepStalls({ server, bytes: size * MB, runs: 3, accept, progress })))
}

const bySize = Map.groupBy(stalls, ({ bytes }) => bytes)
const placeNames = [...new Set(stalls.map(({ place }) => place))]
const heads = [...bySize.keys()].map((bytes) => `${bytes / MB} MB`)
process.stdout.write(`| place | ${heads.join(' | ')} |\n| --- |${heads.map(() => ' --- |').join('')}\n`)
for (const place of placeNames) {
  const cells = [...bySize.values()].map((all) => describeWorst(all.filter((stall) => stall.place === place)))
  process.stdout.write(`| ${place} | ${cells.join(' | ')} |\n`)
}

/** The longest stall, its shape, and the time of `JSON.parse` for the same body. */
function describeWorst(all: readonly Stall[]): string {
  const worst = all.reduce((one, other) => (other.stallMs > one.stallMs ? other : one))
  return `${Math.round(worst.stallMs)} ms (${worst.shape}, ${Math.round(worst.parseMs)})`
}
