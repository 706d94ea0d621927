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
  // The shortest of three runs counts. A request that cannot be the worst of its protocol is not repeated.
  const accept = ({ place, stallMs }: Stall) => stallMs <= (worstMs.get(getProtocol(place)) ?? 0)
  const progress = ({ place, shape, status, stallMs, parseMs }: Stall) => {
    const protocol = getProtocol(place)
    worstMs.set(protocol, Math.max(worstMs.get(protocol) ?? 0, stallMs))
    process.stderr.write(
      `${size} MB ${place} ${shape}: ${status}, ${Math.round(stallMs)} ms (JSON.parse ${Math.round(parseMs)})\n`,
    )
  }
  stalls.push(...(await sweepStalls({ server, bytes: size * MB, runs: 3, accept, progress })))
}

const bySize = Map.groupBy(stalls, ({ bytes }) => bytes)
const protocols = new Set(stalls.map(({ place }) => getProtocol(place)))
const heads = [...bySize.keys()].map((bytes) => `${bytes / MB} MB`)
process.stdout.write(`| protocol | ${heads.join(' | ')} |\n| --- |${heads.map(() => ' --- |').join('')}\n`)
for (const protocol of protocols) {
  const cells = [...bySize.values()].map((all) =>
    describeWorst(all.filter(({ place }) => getProtocol(place) === protocol)),
  )
  process.stdout.write(`| ${protocol} | ${cells.join(' | ')} |\n`)
}

/** The protocol of a place in its requests, or of its answers. */
function getProtocol(place: string): string {
  return place.replace(/_(?:content|tools|invoke)$/, '').replace(/_(?:answer|stream)$/, ', answers')
}

/** The longest stall, its shape, and the time of `JSON.parse` for the same body. */
function describeWorst(all: readonly Stall[]): string {
  const worst = all.reduce((one, other) => (other.stallMs > one.stallMs ? other : one))
  return `${Math.round(worst.stallMs)} ms (${worst.shape}, ${Math.round(worst.parseMs)})`
}
