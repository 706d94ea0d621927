import { parseArgs } from 'node:util'

import { type TargetName, targetNames } from './targets.ts'

/** What a run does, and how long each part of it takes. */
export interface Plan {
  readonly only: ReadonlySet<TargetName> | null
  readonly write: boolean
  readonly rounds: number
  /** How long each server is under each load. */
  readonly windowMs: number
  readonly pacedStreams: number
  readonly pacedGapMs: number
  /** After how many calls memory is read; none in a quick run. */
  readonly memoryCalls: readonly [first: number, last: number] | null
  /** How many processes Anthology answers with; null leaves it to Anthology. */
  readonly workers: number | null
}

export const usage = `npm run bench -- [--rounds N] [--only NAME ...] [--quick] [--write]

  --rounds N    interleaved rounds (default 3; two to three minutes each)
  --only NAME   only this server beside the floor; may be repeated. There are:
                ${targetNames.filter((name) => name !== 'stub' && name !== 'floor').join(', ')}
  --workers N   start Anthology with this many workers; CPU per call is then the primary's alone,
                so compare calls per second
  --quick       one round of a second each and no memory test, for a look
  --write       write the result to docs/bench.md as well
`

/** Reads the command line; a string says what is wrong with it. */
export function parsePlan(args: readonly string[]): Plan | string {
  const values = parseValues(args)
  if (typeof values === 'string') return values
  const { quick = false, write = false, only, help = false } = values
  if (help) return usage
  const rounds = Number(values.rounds ?? (quick ? 1 : 3))
  if (!Number.isInteger(rounds) || rounds < 1 || rounds > 50)
    return `--rounds takes a whole number from 1 to 50\n\n${usage}`
  const workers = values.workers === undefined ? null : Number(values.workers)
  if (workers !== null && (!Number.isInteger(workers) || workers < 1 || workers > 64))
    return `--workers takes a whole number from 1 to 64\n\n${usage}`
  const names = (only ?? []).map((name) => targetNames.find((known) => known === name))
  if (names.includes(undefined)) return `--only takes one of ${targetNames.join(', ')}\n\n${usage}`
  return {
    only: only === undefined ? null : new Set(names.filter((name) => name !== undefined)),
    write,
    rounds,
    windowMs: quick ? 1_000 : 3_000,
    pacedStreams: 1_000,
    pacedGapMs: quick ? 50 : 100,
    memoryCalls: quick ? null : [10_000, 50_000],
    workers,
  }
}

function parseValues(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        rounds: { type: 'string' },
        workers: { type: 'string' },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        write: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values
  } catch (error) {
    return `${error instanceof Error ? error.message : String(error)}\n\n${usage}`
  }
}
