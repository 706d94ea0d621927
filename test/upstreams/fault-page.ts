import { clientNames } from './fault-clients.ts'
import type { CellResult } from './fault-cells.ts'
import { faultGroups, faultNames, getFault, isQuota } from './faults.ts'
import type { FaultName } from './faults.ts'
import { matches } from './faults/fault.ts'
import { faultUpstreamNames } from './faults/upstreams.ts'

const intro = `# Failures of upstreams

What a client gets when its upstream fails, for every kind of failure, protocol and platform. \`test/upstreams/fault-matrix.test.ts\` runs each
combination over real sockets and compares this page with the results; \`node scripts/faults.ts\` writes it.

The clients are columns: the Messages API, OpenAI's Chat Completions, InvokeModel and Converse of Amazon Bedrock, and Vertex AI. Each asks for one
answer (*plain*) and for a stream. A client's column has what it gets if no other upstream could be asked:

- a number: an error response with this status, in the format of the client's protocol.
- *error event*: a stream that had begun ends with the error of its protocol.
- *answer*: the upstream's answer, which is whole although its form is rare.

The other columns:

- *billed*: the upstream may bill the request, so the ledger has its usage, estimated where it was not reported. If the call moved on, the
  attempt has a row of its own.
- *another upstream*: what changes if another upstream could be asked. *its answer*: the client sees only the answer of that upstream.
  *the same*: the call does not move, and the client gets the same.

The upstreams are the Claude API (*anthropic*), Bedrock by InvokeModel (*bedrock*), by the Messages endpoint of its runtime (*bedrock-messages*)
and by that of *bedrock-mantle*, Vertex AI (*vertex*) and Foundry. A result that depends on the upstream is listed with its name.

Clients of AWS that sign their requests get the same as those that send a key; the test holds this for a failure of each phase. The gateway does
not parse the events that it passes on. It checks that the data of each is in braces, so an event that was cut ends the stream, while one with
other errors inside reaches clients of the Messages API, of InvokeModel and of Vertex AI as it came.
`

/** Prints the page from the results of all cells. */
export function printPage(results: readonly CellResult[]): string {
  const byFault = Map.groupBy(
    results.filter(({ cell }) => !cell.signed),
    ({ cell }) => cell.fault,
  )
  const sections = faultGroups.map(({ title, names }) => {
    const rows = names.flatMap((name) => printFault(name, byFault.get(name) ?? []))
    const head = ['failure', 'request', 'billed', 'another upstream', ...clientNames]
    return `## ${title}\n\n${printTable(head, rows)}`
  })
  return [intro, ...sections, printWaits(byFault)].join('\n')
}

type Row = readonly string[]

/** A row for plain requests and one for streams, or one for both. */
function printFault(name: FaultName, results: readonly CellResult[]): readonly Row[] {
  const [plain, stream] = [false, true].map((isStream) => {
    const own = results.filter(({ cell }) => cell.stream === isStream)
    return own.length === 0 ? null : printResults(name, own)
  })
  const { description } = getFault(name)
  if (plain?.join() === stream?.join()) return [[description, 'both', ...(plain ?? [])]]
  return [
    ...(plain ? [[description, 'plain', ...plain]] : []),
    ...(stream ? [[description, 'stream', ...stream]] : []),
  ]
}

function printResults(name: FaultName, results: readonly CellResult[]): Row {
  const { mayBill, answers } = getFault(name)
  const isAnswered = results.every(({ cell }) => matches(answers, cell))
  const [alone, pairs] = [false, true].map((hasOther) =>
    results.filter(({ cell }) => cell.hasOther === hasOther),
  )
  const find = (list: readonly CellResult[] = [], upstream: string, client: string) =>
    list.find(({ cell }) => cell.upstream === upstream && cell.client === client)
  const printMove = (upstream: string): string => {
    const effects = clientNames.map((client) => {
      const pair = find(pairs, upstream, client)
      if (pair?.writer === 'second') return 'its answer'
      return pair?.kind === find(alone, upstream, client)?.kind ? 'the same' : String(pair?.kind)
    })
    return [...new Set(effects)].join(' or ')
  }
  const kinds = clientNames.map((client) =>
    summarize((upstream) => find(alone, upstream, client)?.kind ?? '–'),
  )
  return [isAnswered ? 'its answer' : mayBill ? 'yes' : 'no', summarize(printMove), ...kinds]
}

/** One result where all upstreams agree. */
function summarize(print: (upstream: string) => string): string {
  const [usual = ['', []], ...others] = [...Map.groupBy<string, string>(faultUpstreamNames, print)].toSorted(
    (one, other) => other[1].length - one[1].length,
  )
  return [usual[0], ...others.map(([result, upstreams]) => `${upstreams.join(', ')}: ${result}`)].join('; ')
}

const waits = `## The time to wait after a 429

The upstream is not asked again for the model before its time has passed; calls go to the next one meanwhile. The gateway reads this time from
\`retry-after\`, in seconds or as a date, and waits an hour at most. Without a time that it can read it waits a second, and twice as long after
each further refusal. A client that gets the error gets the header as the upstream sent it.
`

function printWaits(byFault: ReadonlyMap<FaultName, readonly CellResult[]>): string {
  const rows = faultNames.filter(isQuota).map((name) => {
    const own = byFault.get(name) ?? []
    const times = own.flatMap(({ blockS }) => (blockS === null ? [] : [printSeconds(blockS)]))
    const headers = own
      .filter(({ cell }) => !cell.hasOther)
      .map(({ retryAfter }) => (name === 'later-date' ? 'the same date' : (retryAfter ?? 'none')))
    return [getFault(name).description, ...[times, headers].map((values) => [...new Set(values)].join(', '))]
  })
  return `${waits}\n${printTable(['failure', 'asked again after', 'retry-after for a client'], rows)}`
}

function printSeconds(seconds: number): string {
  return seconds === 0 ? 'at once' : `${seconds} s`
}

function printTable(head: Row, rows: readonly Row[]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`)
  return `${lines.join('\n')}\n`
}
