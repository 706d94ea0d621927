import { formatFigure, formatNumber } from './figures.ts'
import type { Samples, Subject, TestName } from './samples.ts'
import type { TargetName } from './targets.ts'

/** A goal, what was measured of it, and whether it was held; those of servers that did not run are left out. */
export function checkGoals(samples: Samples, { cores, workers }: Means): string[][] {
  return [
    ...ratioGoals.map((goal) => checkRatio(samples, goal)),
    workers === 2 ? checkWorkers(samples, cores) : null,
    checkTail(samples),
    checkStreams(samples, 'paced streams', 'anthology'),
    checkStreams(samples, 'burst of streams', 'emulator'),
    checkMemory(samples, 'anthology'),
    checkMemory(samples, 'emulator'),
  ].filter((row) => row !== null)
}

/** What a run had at hand. */
export interface Means {
  readonly cores: number
  readonly workers: number
}

interface RatioGoal {
  readonly text: string
  readonly test: TestName
  readonly pair: readonly [Subject, Subject]
  readonly most: number
}

/** All of them compare CPU per call. */
const ratioGoals: readonly RatioGoal[] = [
  {
    text: 'the stub: at most a third of the floor (so that it can do 3 times as much)',
    test: 'full load, plain',
    pair: ['stub', 'floor'],
    most: 1 / 3,
  },
  {
    text: 'anthology, plain: at most 1.33x the floor',
    test: 'full load, plain',
    pair: ['anthology', 'floor'],
    most: 1.33,
  },
  {
    text: 'anthology, plain, 800 KB: at most 2x the floor',
    test: 'full load, plain, 800 KB',
    pair: ['anthology', 'floor'],
    most: 2,
  },
  {
    text: 'anthology, stream: at most 1.5x the floor',
    test: 'full load, stream',
    pair: ['anthology', 'floor'],
    most: 1.5,
  },
  {
    text: 'anthology, plain: at most a seventh of Portkey',
    test: 'full load, plain',
    pair: ['anthology', 'portkey'],
    most: 1 / 7,
  },
  {
    text: 'emulator, plain (the same request each time): at most half of aimock',
    test: 'full load, plain',
    pair: ['emulator', 'aimock'],
    most: 0.5,
  },
  {
    text: 'Vertex protocol, plain: at most 1.15x the Messages protocol',
    test: 'protocols, plain',
    pair: ['vertex', 'messages'],
    most: 1.15,
  },
  {
    text: 'Vertex protocol, stream: at most 1.15x the Messages protocol',
    test: 'protocols, stream',
    pair: ['vertex', 'messages'],
    most: 1.15,
  },
  {
    text: 'Bedrock protocol, invoke: at most 1.15x the Messages protocol',
    test: 'protocols, plain',
    pair: ['invoke', 'messages'],
    most: 1.15,
  },
  {
    text: 'Bedrock protocol, stream re-framed as AWS events: at most 1.3x the Messages protocol',
    test: 'protocols, stream',
    pair: ['invoke', 'messages'],
    most: 1.3,
  },
]

function checkRatio(samples: Samples, { text, test, pair, most }: RatioGoal): string[] | null {
  const ratio = samples.ratio({ test, quantity: 'cpuMicroseconds' }, pair)
  if (ratio === null) return null
  return [`CPU per call, ${text}`, formatFigure(ratio), held(ratio.median <= most)]
}

/** Two processes can only do more than one where neither the load nor the stub needs the core of the second. */
function checkWorkers(samples: Samples, cores: number): string[] | null {
  const test = 'full load, plain'
  const quantity = 'callsPerSecond'
  const gain = samples.ratio({ test, quantity }, ['workers', 'anthology'])
  const reserve = samples.ratio({ test, quantity }, ['stub', 'workers'])
  if (gain === null || reserve === null) return null
  const unsure =
    cores < coresForTwo
      ? `cannot tell: ${cores} cores for two workers, the load and the stub`
      : 'cannot tell: the load itself reaches its end'
  return [
    'calls/s of two workers: at least 1.7x those of one, where cores allow',
    formatFigure(gain),
    cores >= coresForTwo && reserve.median >= minReserve ? held(gain.median >= 1.7) : unsure,
  ]
}

const coresForTwo = 4
/** By which the load has to be able to ask more of the stub than of the workers. */
const minReserve = 1.3

/** A tail is judged by the floor's, which moves from round to round by itself; where it moves too much, nothing can be told. */
function checkTail(samples: Samples): string[] | null {
  const test = 'half load, plain'
  const [floor, ours] = [samples.figure(test, 'floor', 'p99Ms'), samples.figure(test, 'anthology', 'p99Ms')]
  if (floor === null || ours === null) return null
  const spreadMs = floor.most - floor.least
  const maxMs = floor.median + 3 * spreadMs
  const unsure =
    spreadMs === 0
      ? 'one round does not tell'
      : `cannot tell: the floor's own moved by ${formatNumber(spreadMs)} ms`
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
    `1,000 ${test === 'paced streams' ? 'paced streams' : 'streams begun at once'} through ${target}, all clean`,
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
