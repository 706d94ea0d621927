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
  const values = parseValues(args)
  if (typeof values === 'string') return values
  const { quick = false, write = false, soak = false, startup = false, only, help = false } = values
  if (help) return usage
  const rounds = wholeNumber(values.rounds ?? (quick ? '1' : '3'), 50)
  if (rounds === null) return `--rounds must be a whole number from 1 to 50\n\n${usage}`
  if (startup) return { startup: { rounds } }
  const workers = wholeNumber(values.workers ?? (soak ? '1' : '2'), 64)
  if (workers === null) return `--workers must be a whole number from 1 to 64\n\n${usage}`
  const calls = wholeNumber(values.calls ?? '100000', maxCalls)
  const streams = wholeNumber(values.streams ?? String(Math.ceil((calls ?? 0) / 50)), maxCalls)
  if (calls === null || streams === null)
    return `--calls and --streams must be whole numbers from 1 to ${maxCalls}\n\n${usage}`
  if (soak) return { soak: { calls, streams, workers } }
  const names = (only ?? []).map((name) => partNames.find((known) => known === name))
  if (names.includes(undefined)) return `--only must be one of ${partNames.join(', ')}\n\n${usage}`
  return {
    bench: {
      only: only === undefined ? null : new Set(names.filter((name) => name !== undefined)),
      write,
      rounds,
      windowMs: quick ? 1_000 : 3_000,
      turns: quick ? 500 : 2_000,
      pacedStreams: 1_000,
      pacedGapMs: quick ? 50 : 100,
      memoryCalls: quick ? null : [10_000, 50_000],
      workers,
    },
  }
}

const maxCalls = 100_000_000

function wholeNumber(text: string, most: number): number | null {
  const number = Number(text)
  return /^\d+$/.test(text) && number >= 1 && number <= most ? number : null
}

function parseValues(args: readonly string[]) {
  try {
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
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`
  }
}
