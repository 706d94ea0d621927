import { formatFigure, formatNumber } from './figures.ts'
import type { Samples, Subject, TestName } from './samples.ts'
import type { TargetName } from './targets.ts'

/** Checks every goal: its text, the measured value, and the result. Goals of servers that did not run are omitted. */
export function checkGoals(samples: Samples, { cores, workers }: Means): string[][] {
  return [
    ...ratioGoals.map((goal) => checkRatio(samples, goal)),
    checkStreamStarts(samples),
    checkFailover(samples),
    workers === 2 ? checkWorkers(samples, cores) : null,
    checkTail(samples),
    checkStreams(samples, 'paced streams', 'anthology'),
    checkStreams(samples, 'burst of streams', 'emulator'),
    checkMemory(samples, 'anthology'),
    checkMemory(samples, 'emulator'),
  ].filter((row) => row !== null)
}

/** The resources of a run. */
export interface Means {
  readonly cores: number
  readonly workers: number
}

interface RatioGoal {
  readonly text: string
  readonly test: TestName
  readonly subjects: readonly [Subject, Subject]
  readonly most: number
  readonly perEvent?: true
}

/** Goals that compare CPU, per call unless `perEvent`. */
const ratioGoals: readonly RatioGoal[] = [
  {
    text: 'the stub: at most a third of the floor, so that it is no bottleneck',
    test: 'full load, plain',
    subjects: ['stub', 'floor'],
    most: 1 / 3,
  },
  {
    text: 'anthology, plain: at most 2.1x the floor',
    test: 'full load, plain',
    subjects: ['anthology', 'floor'],
    most: 2.1,
  },
  {
    text: 'budgets, plain: at most 1.05x anthology without budgets',
    test: 'full load, plain',
    subjects: ['budgets', 'anthology'],
    most: 1.05,
  },
  {
    text: 'anthology, plain, 800 KB: at most 2x the floor',
    test: 'full load, plain, 800 KB',
    subjects: ['anthology', 'floor'],
    most: 2,
  },
  {
    text: 'anthology, stream: at most 1.1x the floor',
    test: 'full load, stream',
    subjects: ['anthology', 'floor'],
    most: 1.1,
  },
  {
    text: 'anthology, plain: at most a seventh of Portkey',
    test: 'full load, plain',
    subjects: ['anthology', 'portkey'],
    most: 1 / 7,
  },
  {
    text: 'Vertex protocol, plain: at most 1.15x the Messages protocol',
    test: 'protocols, plain',
    subjects: ['vertex', 'messages'],
    most: 1.15,
  },
  {
    text: 'Vertex protocol, stream: at most 1.15x the Messages protocol',
    test: 'protocols, stream',
    subjects: ['vertex', 'messages'],
    most: 1.15,
  },
  {
    text: 'Bedrock protocol, invoke: at most 1.15x the Messages protocol',
    test: 'protocols, plain',
    subjects: ['invoke', 'messages'],
    most: 1.15,
  },
  {
    text: 'Bedrock protocol, stream re-framed as AWS events: at most 1.3x the Messages protocol',
    test: 'protocols, stream',
    subjects: ['invoke', 'messages'],
    most: 1.3,
  },
  ...(['bedrock', 'vertex'] as const).flatMap((name): readonly RatioGoal[] => [
    {
      text: `${name} as the upstream, plain: at most 1.25x the Claude API`,
      test: 'full load, plain',
      subjects: [name, 'anthology'],
      most: 1.25,
    },
    {
      text: `${name} as the upstream, stream: at most 1.25x the Claude API`,
      test: 'full load, stream',
      subjects: [name, 'anthology'],
      most: 1.25,
    },
    {
      text: `${name} as the upstream: at most 1.3x the Claude API`,
      test: 'full load, stream',
      subjects: [name, 'anthology'],
      most: 1.3,
      perEvent: true,
    },
  ]),
]

function checkRatio(samples: Samples, { text, test, subjects, most, perEvent }: RatioGoal): string[] | null {
  const quantity = perEvent === true ? 'eventMicroseconds' : 'cpuMicroseconds'
  const ratio = samples.ratio({ test, quantity }, subjects)
  if (ratio === null) return null
  const what = perEvent === true ? 'CPU per event' : 'CPU per call'
  return [`${what}, ${text}`, formatFigure(ratio), held(ratio.median <= most)]
}

function checkStreamStarts(samples: Samples): string[] | null {
  const of = { test: 'stream starts', quantity: 'firstByteP50Ms' } as const
  const ratio = samples.ratio(of, ['anthology', 'floor'])
  if (ratio === null) return null
  return [
    "first byte p50 at 250 stream starts a second: at most 2x the floor's",
    formatFigure(ratio),
    held(ratio.median <= 2),
  ]
}

/** A refused connection is the cheapest failure; the next upstream has to be asked at once. */
function checkFailover(samples: Samples): string[] | null {
  const of = { test: 'in turn, plain', quantity: 'p50Ms' } as const
  const added = samples.compare(of, ['failover', 'anthology'], (one, other) => one - other)
  if (added === null) return null
  return [
    'p50, one call at a time: an upstream that refuses the connection adds less than 1 ms',
    `${formatFigure(added)} ms`,
    held(added.median < 1),
  ]
}

/** Two processes can do more than one only if neither the load nor the stub needs the second core. */
function checkWorkers(samples: Samples, cores: number): string[] | null {
  const test = 'full load, plain'
  const quantity = 'callsPerSecond'
  const gain = samples.ratio({ test, quantity }, ['workers', 'anthology'])
  const reserve = samples.ratio({ test, quantity }, ['stub', 'workers'])
  if (gain === null || reserve === null) return null
  const unsure =
    cores < coresForTwo
      ? `cannot tell: ${cores} cores for two workers, the load and the stub`
      : 'cannot tell: the load generator is the bottleneck'
  return [
    'calls/s of two workers: at least 1.7x those of one, if there are enough cores',
    formatFigure(gain),
    cores >= coresForTwo && reserve.median >= minReserve ? held(gain.median >= 1.7) : unsure,
  ]
}

const coresForTwo = 4
/** The minimum ratio of the stub's calls per second to those of the workers, so that the load is no bottleneck. */
const minReserve = 1.3

/**
 * Compares the tail latency with the floor's, which varies between rounds; if it varies too much, there is
 * no result.
 */
function checkTail(samples: Samples): string[] | null {
  const test = 'half load, plain'
  const [floor, ours] = [samples.figure(test, 'floor', 'p99Ms'), samples.figure(test, 'anthology', 'p99Ms')]
  if (floor === null || ours === null) return null
  const spreadMs = floor.most - floor.least
  const maxMs = floor.median + 3 * spreadMs
  const unsure =
    spreadMs === 0
      ? 'cannot tell from one round'
      : `cannot tell: the floor itself varied by ${formatNumber(spreadMs)} ms`
  return [
    "p99 of anthology at half load: at most the floor's plus 3 times its spread between rounds",
    `${formatNumber(ours.median)} of ${formatNumber(maxMs)} ms`,
    spreadMs > 0 && spreadMs <= floor.median ? held(ours.median <= maxMs) : unsure,
  ]
}

function checkStreams(
  samples: Samples,
  test: 'paced streams' | 'burst of streams',
  target: TargetName,
): string[] | null {
  const clean = samples.figure(test, target, 'cleanEnds')
  if (clean === null) return null
  return [
    `1,000 ${test === 'paced streams' ? 'paced streams' : 'streams started at once'} through ${target}, all clean`,
    formatFigure(clean),
    held(clean.least === 1_000),
  ]
}

function checkMemory(samples: Samples, target: TargetName): string[] | null {
  const first = samples.figure('memory', target, 'firstRssMegabytes')
  const last = samples.figure('memory', target, 'lastRssMegabytes')
  if (first === null || last === null) return null
  const ratio = last.median / first.median
  return [
    `memory of ${target} after 50,000 calls at most 1.1x that after 10,000`,
    formatNumber(ratio),
    held(ratio <= 1.1),
  ]
}

function held(isHeld: boolean): string {
  return isHeld ? 'yes' : '**no**'
}
