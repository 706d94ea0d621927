import { clientNames } from './fault-clients.ts'
import type { CellResult } from './fault-cells.ts'
import { faultNames, faults } from './faults.ts'
import type { Fault } from './faults.ts'
import { upstreamPlatforms } from './platform-answers.ts'

const intro = `# Failures of upstreams

What a client gets when its upstream fails, for every kind of failure, protocol and platform. \`test/upstreams/fault-matrix.test.ts\` runs each
combination over real sockets and compares this page with the results; \`node scripts/faults.ts\` writes it.

- *answer*: the next upstream was asked, and the client sees only its answer.
- a number: an error response with this status, in the format of the client's protocol.
- *error event*: a stream that had begun ends with the error of its protocol.
- *billed*: the upstream may bill the request, so the ledger has its usage, estimated where it was not reported. If the call moved on, the
  attempt has a row of its own.

A result that depends on the platform of the upstream is listed with the platform. "Alone" means that no other upstream could be asked.
`

/** Prints the page from the results of all cells. */
export function printPage(results: readonly CellResult[]): string {
  const head = ['failure', 'request', 'billed', ...clientNames]
  const tables = [true, false].map((hasOther) => {
    const title = hasOther ? '## Another upstream could be asked' : '## Alone'
    const rows = faultNames.flatMap((fault) =>
      [false, true].flatMap((stream) => {
        const { description, mayBill, streamOnly }: Fault = faults[fault]
        if (streamOnly && !stream) return []
        const own = results.filter(
          ({ cell }) => cell.fault === fault && cell.stream === stream && cell.hasOther === hasOther,
        )
        const kinds = clientNames.map((client) => summarize(own.filter(({ cell }) => cell.client === client)))
        return [[description, stream ? 'stream' : 'plain', mayBill ? 'yes' : 'no', ...kinds]]
      }),
    )
    const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
    return `${title}\n\n${lines.join('\n')}\n`
  })
  return [intro, ...tables].join('\n')
}

/** One result where all platforms agree. */
function summarize(results: readonly CellResult[]): string {
  const byKind = new Map<string, string[]>()
  for (const platform of upstreamPlatforms) {
    const kind = results.find(({ cell }) => cell.platform === platform)?.kind ?? '–'
    byKind.set(kind, [...(byKind.get(kind) ?? []), platform])
  }
  const [usual = ['–', []], ...others] = [...byKind].toSorted((one, other) => other[1].length - one[1].length)
  return [usual[0], ...others.map(([kind, platforms]) => `${platforms.join(', ')}: ${kind}`)].join('; ')
}
