import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pause, startChild } from './child.ts'
import { makeCalls, messagesRequest } from './closed-load.ts'
import { readTarget } from './ledger-target.ts'
import { findProcesses, readCpuMicroseconds, readRssMegabytes } from './meter.ts'
import { readFact, startTarget } from './targets.ts'
import type { Target } from './targets.ts'

// Compares the CPU time of a call on a large ledger with that on an empty one, in alternating rounds:
//   node bench/ledger-load.ts LARGE EMPTY [ROUNDS]
// Both are a folder or a postgres:// URL. The calls stay in the ledgers. The CPU time is that of the server with its
// writer; PostgreSQL's own is not in it.

const callsPerRound = 3_000
/** The store takes the last calls of a round within this time. */
const settleMs = 1_000

const [large, empty, roundsText] = process.argv.slice(2)
if (large === undefined || empty === undefined)
  throw new Error('usage: node bench/ledger-load.ts LARGE EMPTY [ROUNDS]')
const rounds = Number(roundsText ?? 7)

const folder = mkdtempSync(join(tmpdir(), 'anthology-load-'))
const stub = await startTarget('stub', { folder, stubUrl: '', workers: 1 })
const config = join(folder, 'anthology.yaml')
writeFileSync(
  config,
  `upstreams:\n  - { name: stub, base_url: "${stub.url}", platform: anthropic, api_key: sk-stub }\n`,
)
const servers = [await startServer('large', large), await startServer('empty', empty)]
const results: number[][] = [[], []]
for (let round = -1; round < rounds; round += 1)
  for (const [at, server] of servers.entries()) {
    const cpuUs = await measureRound(server)
    // The first round warms up.
    if (round >= 0) results[at]?.push(cpuUs)
  }
for (const [at, name] of ['large', 'empty'].entries()) {
  const sorted = (results[at] ?? []).toSorted((one, other) => one - other)
  const memory = await readRssMegabytes(servers[at]?.processes ?? [])
  print(
    `${name} ledger: ${format(getMedian(sorted))} µs of CPU per call (${format(sorted[0])} to ${format(sorted.at(-1))}), ${memory.toFixed(0)} MB`,
  )
}
const ratios = (results[0] ?? []).map((cpuUs, round) => cpuUs / (results[1]?.[round] ?? Number.NaN))
print(`ratio within a round: ${getMedian(ratios.toSorted((one, other) => one - other)).toFixed(3)} (median)`)
for (const { child } of [...servers, stub]) await child.stop()
rmSync(folder, { recursive: true })

async function startServer(name: string, target: string): Promise<Target> {
  const { dataFolder, store } = readTarget(target, join(folder, name))
  const binary = join(import.meta.dirname, '../cli/bin/anthology.js')
  const args = [binary, 'serve', '--port', '0', '--data', dataFolder, '--config', config, '--json']
  args.push('--workers', '1', ...(store === undefined ? [] : ['--store', store]))
  const child = await startChild({ name, file: process.execPath, args, folder })
  const headers = {
    'content-type': 'application/json',
    'anthropic-version': '2023-06-01',
    'x-api-key': readFact(child, 'key'),
  }
  const processes = await findProcesses(child.pid)
  return { name: 'anthology', url: readFact(child, 'url'), headers, child, processes }
}

async function measureRound(server: Target): Promise<number> {
  const before = await readCpuMicroseconds(server.processes)
  const failed = await makeCalls(messagesRequest(server, 'plain'), callsPerRound)
  if (failed > 0) throw new Error(`${failed} calls failed`)
  await pause(settleMs)
  return ((await readCpuMicroseconds(server.processes)) - before) / callsPerRound
}

function getMedian(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

function format(value: number | undefined): string {
  return (value ?? Number.NaN).toFixed(0)
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
