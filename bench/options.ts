import { parseArgs } from 'node:util'

import { targetNames } from './targets.ts'
import type { TargetName } from './targets.ts'

/** What can be chosen by name: a server, or the protocols of one. */
export type PartName = Exclude<TargetName, 'stub'> | 'protocols'

const partNames: readonly PartName[] = [...targetNames.filter((name) => name !== 'stub'), 'protocols']

export type Command = { readonly bench: Plan } | { readonly soak: SoakPlan }

/** What a run does, and how long each part of it takes. */
export interface Plan {
  readonly only: ReadonlySet<PartName> | null
  readonly write: boolean
  readonly rounds: number
  /** How long each server is under each load. */
  readonly windowMs: number
  readonly pacedStreams: number
  readonly pacedGapMs: number
  /** After how many calls memory is read; none in a quick run. */
  readonly memoryCalls: readonly [first: number, last: number] | null
  /** Of the Anthology that runs beside the one with a single worker. */
  readonly workers: number
}

export interface SoakPlan {
  readonly calls: number
  readonly streams: number
  readonly workers: number
}

export const usage = `npm run bench -- [--rounds N] [--only NAME ...] [--workers N] [--quick] [--write]
npm run bench -- --soak [--calls N] [--streams N] [--workers N]

  --rounds N    interleaved rounds (default 3; three to four minutes each)
  --only NAME   only this beside the floor; may be repeated. There are:
                ${partNames.filter((name) => name !== 'floor').join(', ')}
  --workers N   how many workers to set beside one (default 2); of a soak, how many serve (default 1)
  --quick       one round of a second each and no memory test, for a look
  --write       write the result to docs/bench.md as well

  --soak        very many calls to one server, by all protocols in turn; then memory, open files and the
                ledger have to be right, else the exit code is 1
  --calls N     short calls (default 100000)
  --streams N   streams (default one for every 50 calls)
`

/** Reads the command line; a string says what is wrong with it. */
export function parseCommand(args: readonly string[]): Command | string {
  const values = parseValues(args)
  if (typeof values === 'string') return values
  const { quick = false, write = false, soak = false, only, help = false } = values
  if (help) return usage
  const rounds = wholeNumber(values.rounds ?? (quick ? '1' : '3'), 50)
  if (rounds === null) return `--rounds takes a whole number from 1 to 50\n\n${usage}`
  const workers = wholeNumber(values.workers ?? (soak ? '1' : '2'), 64)
  if (workers === null) return `--workers takes a whole number from 1 to 64\n\n${usage}`
  const calls = wholeNumber(values.calls ?? '100000', maxCalls)
  const streams = wholeNumber(values.streams ?? String(Math.ceil((calls ?? 0) / 50)), maxCalls)
  if (calls === null || streams === null)
    return `--calls and --streams take whole numbers from 1 to ${maxCalls}\n\n${usage}`
  if (soak) return { soak: { calls, streams, workers } }
  const names = (only ?? []).map((name) => partNames.find((known) => known === name))
  if (names.includes(undefined)) return `--only takes one of ${partNames.join(', ')}\n\n${usage}`
  return {
    bench: {
      only: only === undefined ? null : new Set(names.filter((name) => name !== undefined)),
      write,
      rounds,
      windowMs: quick ? 1_000 : 3_000,
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
        quick: { type: 'boolean' },
        write: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`
  }
}
