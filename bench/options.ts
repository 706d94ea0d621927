import { parseArgs } from 'node:util'

import type { StartupPlan } from './startup.ts'
import { targetNames } from './targets.ts'
import type { TargetName } from './targets.ts'

/** A part that can be selected by name: a server, or the protocols of one. */
export type PartName = Exclude<TargetName, 'stub'> | 'protocols'

const partNames: readonly PartName[] = [...targetNames.filter((name) => name !== 'stub'), 'protocols']

export type Command =
  | { readonly bench: Plan }
  | { readonly soak: SoakPlan }
  | { readonly startup: StartupPlan }

/** The tests of a run, and their durations. */
export interface Plan {
  readonly only: ReadonlySet<PartName> | null
  readonly write: boolean
  readonly rounds: number
  /** The duration of each load on each server. */
  readonly windowMs: number
  /** The calls to each of two servers that are called in turn. */
  readonly turns: number
  readonly pacedStreams: number
  readonly pacedGapMs: number
  /** The numbers of calls after which memory is read; null in a quick run. */
  readonly memoryCalls: readonly [first: number, last: number] | null
  /** The number of workers of the second Anthology, which is compared with one worker. */
  readonly workers: number
}

export interface SoakPlan {
  readonly calls: number
  readonly streams: number
  readonly workers: number
}

export const usage = `npm run bench -- [--rounds N] [--only NAME ...] [--workers N] [--quick] [--write]
npm run bench -- --soak [--calls N] [--streams N] [--workers N]
npm run bench -- --startup [--rounds N]

  --rounds N    interleaved rounds (default 3; three to four minutes each)
  --only NAME   measure only this and the floor; may be repeated. One of:
                ${partNames.filter((name) => name !== 'floor').join(', ')}
  --workers N   number of workers to compare with one (default 2), or to run in a soak (default 1)
  --quick       one round of one second per load, without the memory test
  --write       also write the result to docs/bench.md

  --soak        very many calls to one server, by all protocols in turn; the exit code is 1 unless
                memory, open files and the ledger are correct afterwards
  --calls N     short calls (default 100000)
  --streams N   streams (default one for every 50 calls)

  --startup     the CPU time of short commands such as anthology models, beside Node's own
`

/** Parses the command line; returns a string for an error or the help. */
export function parseCommand(args: readonly string[]): Command | string {
  try {
    const values = parseValues(args)
    return values.help === true ? usage : planCommand(values)
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`
  }
}

type Values = ReturnType<typeof parseValues>

function parseValues(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      rounds: { type: 'string' },
      workers: { type: 'string' },
      only: { type: 'string', multiple: true },
      calls: { type: 'string' },
      streams: { type: 'string' },
      soak: { type: 'boolean' },
      startup: { type: 'boolean' },
      quick: { type: 'boolean' },
      write: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values
}

function planCommand(values: Values): Command {
  const { quick = false, write = false, soak = false, startup = false } = values
  const rounds = readCount('--rounds', values.rounds ?? (quick ? '1' : '3'), 50)
  if (startup) return { startup: { rounds } }
  const workers = readCount('--workers', values.workers ?? (soak ? '1' : '2'), 64)
  const lengths = readSoakLengths(values)
  if (soak) return { soak: { ...lengths, workers } }
  const only = readParts(values.only)
  return { bench: { only, write, rounds, workers, ...(quick ? quickLoads : fullLoads) } }
}

type Loads = Pick<Plan, 'windowMs' | 'turns' | 'pacedStreams' | 'pacedGapMs' | 'memoryCalls'>

const fullLoads: Loads = {
  windowMs: 3_000,
  turns: 2_000,
  pacedStreams: 1_000,
  pacedGapMs: 100,
  memoryCalls: [10_000, 50_000],
}

const quickLoads: Loads = {
  windowMs: 1_000,
  turns: 500,
  pacedStreams: 1_000,
  pacedGapMs: 50,
  memoryCalls: null,
}

const maxCalls = 100_000_000

function readSoakLengths({ calls = '100000', streams }: Values): Omit<SoakPlan, 'workers'> {
  const read = (text: string) => parseWholeNumber(text, maxCalls)
  const count = read(calls)
  const streamCount = count === null ? null : read(streams ?? String(Math.ceil(count / 50)))
  if (count === null || streamCount === null)
    throw new Error(`--calls and --streams must be whole numbers from 1 to ${maxCalls}`)
  return { calls: count, streams: streamCount }
}

/** Reads the names of `--only`; null without one. */
function readParts(names: readonly string[] | undefined): ReadonlySet<PartName> | null {
  if (names === undefined) return null
  const parts = names.flatMap((name) => partNames.find((known) => known === name) ?? [])
  if (parts.length < names.length) throw new Error(`--only must be one of ${partNames.join(', ')}`)
  return new Set(parts)
}

function readCount(option: string, text: string, max: number): number {
  const count = parseWholeNumber(text, max)
  if (count === null) throw new Error(`${option} must be a whole number from 1 to ${max}`)
  return count
}

function parseWholeNumber(text: string, max: number): number | null {
  const number = Number(text)
  return /^\d+$/.test(text) && number >= 1 && number <= max ? number : null
}
