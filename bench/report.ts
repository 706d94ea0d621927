import { protocolNames, protocolNotes } from './protocols.ts'
import { formatFigure, formatNumber } from './figures.ts'
import { checkGoals } from './goals.ts'
import type { Plan } from './options.ts'
import type { Quantity, Samples, TestName } from './samples.ts'
import { gatewayNames, targetNames, targetNotes } from './targets.ts'
import type { TargetName } from './targets.ts'
import { protocolKinds, eventsPerStream, framesPerPacedStream, gatewayKinds, kindNames } from './traffic.ts'

export interface RunContext {
  readonly machine: string
  readonly cores: number
  readonly date: string
  /** The servers that did not run, with reasons. */
  readonly skipped: readonly string[]
}

type Cell = string | number

/** Formats the run as a page of Markdown: goals first, then measurements. */
export function describeRun(samples: Samples, plan: Plan, context: RunContext): string {
  const { machine, cores, date, skipped } = context
  const ran = targetNames.filter((name) => kindsRun(samples, name))
  const sections = [
    `# How fast it is\n\nMeasured by \`npm run bench\` on ${date}, ${machine}. ${describeRounds(plan)}`,
    section('Goals', checkGoals(samples, { cores, workers: plan.workers }), ['goal', 'measured', 'held']),
    section('Ratios', ratioRows(samples, ran), ['Anthology against', ...listPeers(ran)]),
    section('Full load, 16 connections', fullRows(samples, ran), [
      'traffic',
      'server',
      'calls/s',
      'CPU µs/call',
      'failures',
    ]),
    section(
      'The protocols under full load, compared with the Messages protocol',
      createProtocolRows(samples),
      [
        'protocol',
        'CPU µs/call',
        'ratio',
        'CPU µs/stream',
        'ratio',
        'CPU µs/event',
        'ratio',
        'streams/s',
        'failures, plain',
        'failures, stream',
      ],
    ),
    ...listLatencySections(samples, ran),
    section(
      `${formatNumber(plan.pacedStreams)} concurrent streams, an event every ${plan.pacedGapMs} ms`,
      pacedRows(samples, ran),
      ['server', 'clean ends', 'lag p50 ms', 'lag p99 ms', 'first byte p99 ms'],
    ),
    section(
      `${formatNumber(plan.pacedStreams)} streams started at once, at full speed`,
      listRows(samples, ran, 'burst of streams', ['cleanEnds']),
      ['server', 'clean ends'],
    ),
    section('Memory', memoryRows(samples, ran), ['server', ...memoryHeads(plan), 'failures', 'ratio']),
    section(`${plan.workers} workers compared with one`, workerRows(samples), [
      'traffic',
      'calls/s, ratio',
      'CPU per call, ratio',
    ]),
    `## Servers and protocols\n\n${describeSubjects(samples, ran)}`,
    `## How to read it\n\n${notes.join('\n')}${skipped.map((reason) => `\n- Left out: ${reason}.`).join('')}`,
  ]
  return `${sections.filter((text) => text !== '').join('\n\n')}\n`
}

function listLatencySections(samples: Samples, ran: readonly TargetName[]): string[] {
  return [
    section('Half load, compared with direct calls to the stub', halfRows(samples, ran), [
      'traffic',
      'server',
      'calls/s',
      'added p50 ms',
      'added p99 ms',
      'added first byte p50 ms',
      'added first token p50 ms',
      'µs per event',
      'failures',
    ]),
    section(
      'Streams, 250 starts a second',
      listRows(samples, ran, 'stream starts', ['firstByteP50Ms', 'firstByteP99Ms', 'failures']),
      ['server', 'first byte p50 ms', 'first byte p99 ms', 'failures'],
    ),
    section(
      'Called in turn, one call at a time',
      listRows(samples, ran, 'in turn, plain', ['p50Ms', 'failures']),
      ['server', 'p50 ms', 'failures'],
    ),
  ]
}

const notes = [
  `- A call sends 1 KB or 800 KB; a plain answer has 0.7 KB, a stream has ${eventsPerStream} events at full speed, ${framesPerPacedStream} when paced.`,
  "- The calls of a kind repeat one request; those of 'plain, distinct' have the same length, but all differ. aimock has one fixture for all of them; the emulator validates each one and generates a new response.",
  '- Values are medians of the rounds, with minimum and maximum in parentheses; ratios are computed within a round.',
  '- CPU is that of the server process only, all threads, as reported by the system. On a shared machine it is stable while calls per second are not: compare it first.',
  '- Load, stub and server share the machine, so with few cores calls per second are less meaningful.',
  '- CPU per event of a protocol: the extra cost of a stream over a plain call of that protocol, divided by its events.',
  '- Lag: the time from writing an event in the stub to reading it in the client.',
]

function describeSubjects(samples: Samples, ran: readonly TargetName[]): string {
  const protocols = samples.has('protocols, plain', 'messages') ? protocolNames : []
  return [
    ...ran.map((name) => `- *${name}*: ${targetNotes[name]}`),
    ...protocols.map((name) => `- protocol *${name}*: ${protocolNotes[name]}`),
  ].join('\n')
}

function describeRounds({ rounds, windowMs }: Plan): string {
  const many = rounds === 1 ? 'One round' : `${rounds} interleaved rounds`
  return `${many}, ${windowMs / 1_000} s for each server and load.`
}

function kindsRun(samples: Samples, name: TargetName): boolean {
  return samples.has('full load, plain', name)
}

function listPeers(ran: readonly TargetName[]): TargetName[] {
  return ran.includes('anthology')
    ? gatewayNames.filter((name) => name !== 'anthology' && ran.includes(name))
    : []
}

function ratioRows(samples: Samples, ran: readonly TargetName[]): Cell[][] {
  const peers = listPeers(ran)
  const rows = [
    ['CPU per call', 'cpuMicroseconds'],
    ['calls/s', 'callsPerSecond'],
  ] as const
  if (peers.length === 0) return []
  return rows.flatMap(([label, quantity]) =>
    gatewayKinds.map((kind) => [
      `${label}, ${kind}`,
      ...peers.map((peer) => {
        const of = { test: `full load, ${kind}`, quantity } as const
        const ratio = formatFigure(samples.ratio(of, ['anthology', peer]))
        return ratio === '-' ? ratio : ratio.replace(/^[\d.,]+/, '$&x')
      }),
    ]),
  )
}

function fullRows(samples: Samples, ran: readonly TargetName[]): Cell[][] {
  return kindNames.flatMap((kind) =>
    listRows(samples, ran, `full load, ${kind}`, ['callsPerSecond', 'cpuMicroseconds', 'failures']).map(
      (row) => [kind, ...row],
    ),
  )
}

function createProtocolRows(samples: Samples): Cell[][] {
  return protocolNames
    .filter((protocol) => samples.has('protocols, plain', protocol))
    .map((protocol) => {
      const toCredentials = (test: TestName, quantity: Quantity) => [
        formatFigure(samples.figure(test, protocol, quantity)),
        formatFigure(samples.ratio({ test, quantity }, [protocol, 'messages'])),
      ]
      return [
        protocol,
        ...toCredentials('protocols, plain', 'cpuMicroseconds'),
        ...toCredentials('protocols, stream', 'cpuMicroseconds'),
        ...toCredentials('protocols, stream', 'eventMicroseconds'),
        formatFigure(samples.figure('protocols, stream', protocol, 'callsPerSecond')),
        ...protocolKinds.map((kind) =>
          formatFigure(samples.figure(`protocols, ${kind}`, protocol, 'failures')),
        ),
      ]
    })
}

function workerRows(samples: Samples): Cell[][] {
  return kindNames
    .filter((kind) => samples.has(`full load, ${kind}`, 'workers'))
    .map((kind) => [
      kind,
      ...(['callsPerSecond', 'cpuMicroseconds'] as const).map((quantity) =>
        formatFigure(samples.ratio({ test: `full load, ${kind}`, quantity }, ['workers', 'anthology'])),
      ),
    ])
}

function halfRows(samples: Samples, ran: readonly TargetName[]): Cell[][] {
  const gateways = ran.filter((name) => name !== 'stub')
  return (['plain', 'stream'] as const).flatMap((kind) => {
    const test = `half load, ${kind}` as const
    const added = (name: TargetName, quantity: Quantity) =>
      formatFigure(samples.compare({ test, quantity }, [name, 'stub'], (one, other) => one - other))
    return gateways
      .filter((name) => samples.has(test, name))
      .map((name) => [
        kind,
        name,
        formatFigure(samples.figure(test, name, 'callsPerSecond')),
        added(name, 'p50Ms'),
        added(name, 'p99Ms'),
        added(name, 'firstByteP50Ms'),
        kind === 'stream' ? added(name, 'firstTokenP50Ms') : '',
        kind === 'stream' ? formatFigure(samples.figure(test, name, 'gapMicroseconds')) : '',
        formatFigure(samples.figure(test, name, 'failures')),
      ])
  })
}

function pacedRows(samples: Samples, ran: readonly TargetName[]): Cell[][] {
  return listRows(samples, ran, 'paced streams', ['cleanEnds', 'lagP50Ms', 'lagP99Ms', 'firstByteP99Ms'])
}

function memoryRows(samples: Samples, ran: readonly TargetName[]): Cell[][] {
  return listRows(samples, ran, 'memory', ['firstRssMegabytes', 'lastRssMegabytes', 'failures']).map(
    (row) => {
      const [, first, last] = row
      return [...row, formatNumber(Number(last) / Number(first))]
    },
  )
}

function memoryHeads({ memoryCalls }: Plan): string[] {
  return (memoryCalls ?? []).map((calls) => `MB after ${formatNumber(calls)} calls`)
}

function listRows(
  samples: Samples,
  ran: readonly TargetName[],
  test: TestName,
  quantities: readonly Quantity[],
): string[][] {
  return ran
    .filter((name) => samples.has(test, name))
    .map((name) => [
      name,
      ...quantities.map((quantity) => formatFigure(samples.figure(test, name, quantity))),
    ])
}

function section(title: string, rows: readonly (readonly Cell[])[], head: readonly string[]): string {
  if (rows.length === 0) return ''
  const table = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`)
  return `## ${title}\n\n${table.join('\n')}`
}
