// Kills servers, cuts them from PostgreSQL or fills their disk, all under load, and compares the ledger with the calls:
//   node scripts/failures.ts kill-server|kill-replicas [KILLS]
//   node scripts/failures.ts cut-postgres [SECONDS]
//   node scripts/failures.ts full-disk            (needs the right to mount a file system)
import { startPostgres } from '../gateway/test/store/running-postgres.ts'
import type { RunningPostgres } from '../gateway/test/store/running-postgres.ts'
import { cutPostgres, fillDisk, killReplicas, killServer } from '../test/failure-runs.ts'
import type { LedgerCheck } from '../test/failure-load.ts'

const [name = '', amount] = process.argv.slice(2)
const progress = (line: string): void => void process.stderr.write(`${line}\n`)
const kills = { kills: Number(amount ?? 100), progress }

const runs: Readonly<Record<string, () => Promise<LedgerCheck>>> = {
  'kill-server': () => killServer({ ...kills, callsPerKill: 200 }),
  'kill-replicas': () => withPostgres((postgres) => killReplicas(postgres, { ...kills, callsPerKill: 200 })),
  'cut-postgres': () =>
    withPostgres((postgres) => cutPostgres(postgres, Number(amount ?? 60) * 1_000, progress)),
  'full-disk': () => fillDisk(progress),
}
const run = runs[name]
if (run === undefined) {
  process.stderr.write(`usage: node scripts/failures.ts ${Object.keys(runs).join('|')} [KILLS|SECONDS]\n`)
  process.exit(2)
}
const check = await run()
process.stdout.write(`${JSON.stringify(check, null, 2)}\n`)
const isRight = check.missing.length === 0 && check.withoutRow.length === 0 && check.sumsAreRight
process.exitCode = isRight ? 0 : 1

async function withPostgres<Result>(work: (postgres: RunningPostgres) => Promise<Result>): Promise<Result> {
  const postgres = await startPostgres()
  try {
    return await work(postgres)
  } finally {
    await postgres.remove()
  }
}
