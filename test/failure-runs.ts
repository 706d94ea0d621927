import { execFileSync } from 'node:child_process'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { RunningPostgres } from '../gateway/test/store/running-postgres.ts'
import { runAnthology, startServer } from './anthology-process.ts'
import type { ServerProcess } from './anthology-process.ts'
import { checkLedger, createLoadedCalls, runLoad, sendCall } from './failure-load.ts'
import type { LedgerCheck, LoadedCalls } from './failure-load.ts'
import { startProxy } from './hanging-proxy.ts'

/** Receives a line about each step. */
type Progress = (line: string) => void

interface Kills {
  readonly kills: number
  /** Calls that are answered between two kills. */
  readonly callsPerKill: number
  readonly progress?: Progress
}

/** Kills a server on SQLite under load, again and again, and compares the ledger with the calls. */
export async function killServer({ kills, callsPerKill, progress = () => {} }: Kills): Promise<LedgerCheck> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-kill-'))
  const calls = createLoadedCalls()
  for (let kill = 1; kill <= kills; kill += 1) {
    const server = await startServer(dataFolder, ['--quiet'])
    let isKilled = false
    const { url, key } = server
    const load = runLoad({ url, key, clients: 16, isOver: () => isKilled, ...calls })
    await untilAnswered(calls, callsPerKill)
    isKilled = true
    await server.kill('SIGKILL')
    await load
    progress(`${kill} kills, ${calls.answered.size} calls answered`)
  }
  // It stores what the last one has left.
  await (await startServer(dataFolder, ['--quiet'])).close()
  const check = await checkLedger({ dataFolder }, calls)
  rmSync(dataFolder, { recursive: true })
  return check
}

/** Kills one of three servers on a PostgreSQL under load, in turn, while the others serve on. */
export async function killReplicas(
  postgres: RunningPostgres,
  { kills, callsPerKill, progress = () => {} }: Kills,
): Promise<LedgerCheck> {
  const store = await postgres.createDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'anthology-kill-'))
  const folders = ['one', 'two', 'three'].map((name) => join(folder, name))
  const key = await createKey(store)
  const calls = createLoadedCalls()
  const start = async (dataFolder: string) => {
    mkdirSync(dataFolder, { recursive: true })
    const server = await startServer(dataFolder, ['--store', store, '--quiet', '--workers', '1'])
    let isOver = false
    const load = runLoad({ url: server.url, key, clients: 6, isOver: () => isOver, ...calls })
    const endLoad = () => {
      isOver = true
      return load
    }
    return { server, endLoad }
  }
  const running = await Promise.all(folders.map(start))
  for (let kill = 1; kill <= kills; kill += 1) {
    await untilAnswered(calls, callsPerKill)
    const at = kill % folders.length
    const ended = running[at]?.endLoad()
    await running[at]?.server.kill('SIGKILL')
    await ended
    running[at] = await start(folders[at] ?? '')
    progress(`${kill} kills, ${calls.answered.size} calls answered`)
  }
  await Promise.all(running.map(({ endLoad }) => endLoad()))
  await Promise.all(running.map(({ server }) => server.close()))
  const check = await checkLedger({ dataFolder: folder, store }, calls)
  rmSync(folder, { recursive: true })
  return check
}

export interface CutCheck extends LedgerCheck {
  /** Calls that were answered during the failure. */
  readonly answeredMeanwhile: number
  /** Lines of the server's log about it. */
  readonly log: readonly string[]
}

/** Cuts the network to PostgreSQL under load for a time, without closing a connection, and stops PostgreSQL for as long. */
export async function cutPostgres(
  postgres: RunningPostgres,
  cutMs: number,
  progress: Progress = () => {},
): Promise<CutCheck> {
  const direct = await postgres.createDatabase()
  const proxy = await startProxy(postgres.port)
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-cut-'))
  const store = direct.replace(`:${postgres.port}/`, `:${proxy.port}/`)
  const key = await createKey(direct)
  const server = await startServer(dataFolder, ['--store', store, '--quiet', '--workers', '1'])
  const calls = createLoadedCalls()
  let isOver = false
  const load = runLoad({ url: server.url, key, clients: 8, isOver: () => isOver, ...calls })
  await untilAnswered(calls, 100)

  const before = calls.answered.size
  proxy.hang()
  await pause(cutMs)
  proxy.reset()
  progress(`the network was cut for ${cutMs / 1_000} s, ${calls.answered.size - before} calls answered`)
  await untilAnswered(calls, 100)
  const between = calls.answered.size
  await postgres.stop()
  await pause(cutMs)
  await until(() => readLog(server).length > 0)
  const answeredMeanwhile = calls.answered.size - before
  await postgres.start()
  progress(`PostgreSQL was stopped for ${cutMs / 1_000} s, ${calls.answered.size - between} calls answered`)
  await untilAnswered(calls, 100)
  isOver = true
  await load
  await server.close()

  const check = await checkLedger({ dataFolder, store: direct }, calls)
  proxy.close()
  rmSync(dataFolder, { recursive: true })
  return { ...check, answeredMeanwhile, log: readLog(server) }
}

export interface FullDiskCheck extends LedgerCheck {
  /** The number of answers by status while the disk was full. */
  readonly statuses: Readonly<Record<string, number>>
  readonly log: readonly string[]
}

/**
 * Fills the disk of a data folder under load, frees it, and kills the server. The disk is a file system in memory, which
 * only root can mount.
 */
export async function fillDisk(progress: Progress = () => {}): Promise<FullDiskCheck> {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-full-'))
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=48m', 'anthology-full', disk])
  try {
    return await runOnSmallDisk({ folder, disk, progress })
  } finally {
    execFileSync('umount', [disk])
    rmSync(folder, { recursive: true })
  }
}

interface SmallDisk {
  readonly folder: string
  readonly disk: string
  readonly progress: Progress
}

async function runOnSmallDisk({ folder, disk, progress }: SmallDisk): Promise<FullDiskCheck> {
  const dataFolder = join(disk, 'data')
  mkdirSync(dataFolder)
  // No other disk takes the journal either.
  const config = join(folder, 'anthology.yaml')
  writeFileSync(config, `emergency_folder: ${join(disk, 'emergency')}\n`)
  const args = ['--quiet', '--workers', '1', '--config', config]
  const server = await startServer(dataFolder, args)
  const { url, key } = server
  const calls = createLoadedCalls()
  const statuses: Record<string, number> = {}
  let isOver = false
  const onRefused = (status: number) => (statuses[status] = (statuses[status] ?? 0) + 1)
  const load = runLoad({ url, key, clients: 8, isOver: () => isOver, onRefused, ...calls })
  await untilAnswered(calls, 200)

  const filler = join(disk, 'filler')
  fill(filler)
  progress(`the disk is full after ${calls.answered.size} answered calls`)
  await until(() => (statuses['503'] ?? 0) > 100)
  const ready = await fetch(`${url}/readyz`)
  progress(`new calls get 503, and /readyz answers ${ready.status}: ${await ready.text()}`)
  rmSync(filler)
  await until(async () => (await sendCall({ url, key }).catch(() => null))?.status === 200)
  progress('with space on the disk, calls are answered again')
  await untilAnswered(calls, 200)
  fill(filler)
  await pause(500)
  isOver = true
  await server.kill('SIGKILL')
  await load
  rmSync(filler)

  await (await startServer(dataFolder, args)).close()
  return { ...(await checkLedger({ dataFolder }, calls)), statuses, log: readLog(server) }
}

/** Writes a file until the disk is full. */
function fill(path: string): void {
  const file = openSync(path, 'w')
  const bytes = Buffer.alloc(64 * 1024)
  try {
    for (;;) writeSync(file, bytes)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  } finally {
    closeSync(file)
  }
}

async function createKey(store: string): Promise<string> {
  const made = await runAnthology(['keys', 'create', '--name', 'ci', '--store', store], tmpdir())
  return (made as { key: string }).key // Printed by `keys create --json`.
}

/** The distinct messages of a server's warnings and errors. */
function readLog(server: ServerProcess): readonly string[] {
  return [...new Set(server.errors().split('\n'))]
    .filter((line) => /ledger_failed|journal/.test(line))
    .slice(0, 8)
}

/** Resolves when this many more calls are answered. */
function untilAnswered({ answered }: LoadedCalls, more: number): Promise<void> {
  const wanted = answered.size + more
  return until(() => answered.size >= wanted)
}

const maxWaitMs = 120_000

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + maxWaitMs
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error('it did not happen in two minutes')
    await pause(20)
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
