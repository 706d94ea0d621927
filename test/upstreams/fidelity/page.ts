import { upstreamPlatforms } from '../platform-answers.ts'
import type { AnyProtocol } from './answers.ts'
import { protocols, reportDay } from './report.ts'
import type { FidelityResult } from './report.ts'
import type { State } from './state.ts'

const intro = `# Fidelity

What becomes of every field of a request and of an answer, for each protocol of a client and each platform of an upstream.
\`test/upstreams/fidelity.test.ts\` sends every field through a gateway to an upstream that records what it receives, and compares this page
with the results; \`node scripts/fidelity.ts\` writes it. The fields are the members of the schema in \`wire/src/messages\`, the betas of the
catalog, and the rows of the tables of Converse and of chat completions. A field that is lost without an error or a notice fails the test.
The rules of models and platforms are those of ${reportDay}.

- *verbatim*: the same value in the same place.
- *to* a place: the value is there, or its translation.
- *refused*: no upstream is asked; the error names the member or its type.
- *left out*: removed, and \`x-anthology-notice\` says so. docs/upstreams.md has the rules.
- *default*: the value asks for what happens without it.
- *no member*: the protocol of the client has no place for it.

Plain and streamed calls have the same result, unless both are listed. "Verbatim" does not mean that a platform accepts a member: it receives
the member and decides. Ids of clients such as \`x-claude-code-session-id\` are in the ledger and not part of this report.
`

const titles: Readonly<Record<AnyProtocol, string>> = {
  messages: 'Messages API',
  invoke: 'Bedrock: InvokeModel',
  vertex: 'Vertex AI: rawPredict',
  converse: 'Bedrock: Converse',
  openai: 'OpenAI chat completions',
}

/** Prints the page from the results of all combinations. */
export function printPage(results: readonly FidelityResult[]): string {
  const usual = listLines(results, 'messages')
  const sections = protocols.flatMap((protocol) => {
    const lines = listLines(results, protocol)
    const isOther = protocol === 'invoke' || protocol === 'vertex'
    return [
      `## ${titles[protocol]}\n`,
      ...(isOther ? ['The rows are those of the Messages API, except for the following.\n'] : []),
      ...sides.map((side) => {
        const shown = isOther ? lines[side].filter((line) => !usual[side].includes(line)) : lines[side]
        return `### ${sideTitles[side]}\n\n${shown.length === 0 ? 'No differences.' : [...head, ...shown].join('\n')}\n`
      }),
    ]
  })
  return [intro, ...sections].join('\n')
}

const sides = ['requests', 'answers'] as const
const sideTitles = { requests: 'Request', answers: 'Answer' } as const

function listLines(
  all: readonly FidelityResult[],
  protocol: AnyProtocol,
): Readonly<Record<(typeof sides)[number], readonly string[]>> {
  const results = all.filter((result) => result.protocol === protocol)
  return {
    requests: printRows(listRows(results, 'requests')),
    answers: printRows(listRows(results, 'answers')),
  }
}

interface Row {
  readonly path: string
  /** One for each platform. */
  readonly cells: readonly string[]
}

function listRows(results: readonly FidelityResult[], side: 'requests' | 'answers'): readonly Row[] {
  const paths = new Set(results.flatMap((result) => [...result[side].keys()]))
  return [...paths].map((path) => ({
    path,
    cells: upstreamPlatforms.map((platform) => {
      const [plain, stream] = [false, true].map((streamed) => {
        const found = results.find((result) => result.platform === platform && result.stream === streamed)
        return describeState(found?.[side].get(path))
      })
      return plain === stream ? `${plain}` : `plain: ${plain}; stream: ${stream}`
    }),
  }))
}

function describeState(state: State | undefined): string {
  if (state === undefined) return '–'
  const { kind, detail } = state
  if (kind !== 'moved') return kindNames[kind]
  if (detail === '') return 'translated'
  return detail.startsWith('as ') ? detail : `to ${detail}`
}

const kindNames = {
  verbatim: 'verbatim',
  refused: 'refused',
  removed: 'left out',
  default: 'default',
  no_member: 'no member',
  lost: 'lost',
} as const

/** One row for the members of a block, a tool or an option that have the same result everywhere. */
function printRows(rows: readonly Row[]): readonly string[] {
  const groups = new Map<
    string,
    { readonly prefix: string; readonly rest: string[]; readonly cells: Row['cells'] }
  >()
  for (const { path, cells } of rows) {
    const { prefix, rest } = splitPath(path)
    const key = [prefix, ...cells].join('|')
    const group = groups.get(key) ?? { prefix, rest: [], cells }
    groups.set(key, group)
    if (rest !== '') group.rest.push(rest)
  }
  const whole = Map.groupBy(groups.values(), ({ prefix }) => prefix)
  return [...groups.values()].map(({ prefix, rest, cells }) => {
    const isWhole = whole.get(prefix)?.length === 1
    const members = isWhole ? [...new Set(rest.map((each) => each.replace(/(?<! )\..*$/, '')))] : rest
    const list = members.map((each) => `\`${each}\``).join(', ')
    return printLine([members.length === 0 ? `\`${prefix}\`` : `\`${prefix}\`: ${list}`, ...cells])
  })
}

const columns = ['field', ...upstreamPlatforms]
const head = [printLine(columns), printLine(columns.map(() => '---'))]

function printLine(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** The block, tool or option, and the member in it. */
function splitPath(path: string): { readonly prefix: string; readonly rest: string } {
  const [, list, item] = /^(anthropic-beta): (.*)$/.exec(path) ?? []
  if (list !== undefined && item !== undefined) return { prefix: list, rest: item }
  const [prefix = path] = /^(?:messages\[\]\.)?\w+(?:\[\])*(?: \(\w+\))?/.exec(path) ?? []
  const isMember = path[prefix.length] === '.'
  return isMember ? { prefix, rest: path.slice(prefix.length + 1) } : { prefix: path, rest: '' }
}
