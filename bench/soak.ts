// `npm run bench -- --soak`: very many calls to one server, by all of its protocols
// in turn, and what has to be true of it afterwards: memory flat, no open file
// lost, and every call in the ledger, with the right sum.
import { join } from 'node:path'

import { pause } from './child.ts'
import { makeCalls } from './closed-load.ts'
import { protocolNames, requestAt } from './protocols.ts'
import type { ProtocolName } from './protocols.ts'
import { formatNumber, summarize } from './figures.ts'
import { countOpenFiles, readRssMegabytes } from './meter.ts'
import type { SoakPlan } from './options.ts'
import { checkLedger } from './soak-ledger.ts'
import type { Finding, Made } from './soak-ledger.ts'
import { readFact, startTarget } from './targets.ts'
import type { Target } from './targets.ts'
import { protocolKinds } from './traffic.ts'

/** The soak in as many parts, each by another protocol; memory is looked at behind each. */
const parts = 50
/** Of the calls and of the streams, for each protocol before anything is counted: what is opened for good is open then. */
const warmUp = 100

export async function soak(
  { calls, streams, workers }: SoakPlan,
  { folder, progress }: { readonly folder: string; readonly progress: (text: string) => void },
): Promise<{ readonly report: string; readonly isRight: boolean }> {
  const stub = await startTarget('stub', { folder, stubUrl: '', workers })
  const server = await startTarget('workers', { folder, stubUrl: stub.url, workers })
  const made = { calls: 0, streams: 0, failures: 0 }
  for (const protocol of protocolNames)
    await callProtocol(server, protocol, { made, calls: warmUp, streams: warmUp })
  progress('warm; waits until idle connections to the stub are closed')
  const filesBefore = await settledFiles(server)

  const megabytes: number[] = []
  for (let part = 0; part < parts; part += 1) {
    const protocol = protocolNames[part % protocolNames.length] ?? 'messages'
    const more = { made, calls: computeShare(calls, part), streams: computeShare(streams, part) }
    await callProtocol(server, protocol, more)
    const now = await readRssMegabytes(server.processes)
    megabytes.push(now)
    const total = `${formatNumber(made.calls)} calls, ${formatNumber(made.streams)} streams`
    progress(`${total}, ${made.failures} failures, ${formatNumber(now)} MB; last by: ${protocol}`)
  }

  const filesAfter = await settledFiles(server)
  await server.child.stop()
  const findings = [
    ['answers that were not 200, or none at all', formatNumber(made.failures), made.failures === 0],
    ...checkLedger(join(readFact(server.child, 'data'), 'anthology.sqlite'), made),
    checkMemory(megabytes, calls / workers),
    checkFiles(filesBefore, filesAfter),
  ] as const
  const rows = findings.map(([text, measured, isRight]) => [text, measured, verdicts[String(isRight)]])
  const table = [['what', 'measured', 'right'], ['---', '---', '---'], ...rows]
  return {
    report: `${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`,
    isRight: findings.every(([, , isRight]) => isRight !== false),
  }
}

const verdicts: Record<string, string> = { true: 'yes', false: '**no**', null: 'cannot tell' }

function computeShare(total: number, part: number): number {
  return Math.floor((total * (part + 1)) / parts) - Math.floor((total * part) / parts)
}

/** Calls and streams side by side. */
async function callProtocol(
  server: Target,
  protocol: ProtocolName,
  { made, calls, streams }: { readonly made: Made; readonly calls: number; readonly streams: number },
): Promise<void> {
  const amounts = { plain: calls, stream: streams }
  const kinds = protocolKinds.filter((kind) => amounts[kind] > 0)
  const failures = await Promise.all(
    kinds.map((kind) => makeCalls(requestAt(protocol, server, kind), amounts[kind])),
  )
  made.calls += calls
  made.streams += streams
  made.failures += failures.reduce((sum, one) => sum + one, 0)
}

/** V8 lets a heap grow for its first hundred thousand calls, measured; the second fifth has to lie behind them. */
function checkMemory(megabytes: readonly number[], callsPerWorker: number): Finding {
  const early = summarize(megabytes.slice(parts / 5, (parts * 2) / 5))?.median ?? Number.NaN
  const late = summarize(megabytes.slice(-parts / 5))?.median ?? Number.NaN
  const text = `MB of memory in the second fifth, and in the last: at most ${maxGrowth}x that, from ${formatNumber(tellingCalls)} calls a worker on`
  const isRight = callsPerWorker < tellingCalls ? null : late <= maxGrowth * early
  return [text, `${formatNumber(early)}, ${formatNumber(late)}`, isRight]
}

const maxGrowth = 1.1
const tellingCalls = 500_000

function checkFiles(before: number | null, after: number | null): Finding {
  const isRight = before === null || after === null ? null : after <= before
  return ['open files and sockets before, and after', `${before ?? '-'}, ${after ?? '-'}`, isRight]
}

/** How many files are open once that has not changed for a while: connections to the stub are kept for some seconds. */
async function settledFiles({ processes }: Target): Promise<number | null> {
  let [files, steadySinceMs] = [await countOpenFiles(processes), performance.now()]
  const endsAtMs = steadySinceMs + maxWaitMs
  while (performance.now() < endsAtMs && performance.now() - steadySinceMs < steadyMs) {
    await pause(500)
    const now = await countOpenFiles(processes)
    if (now !== files) [files, steadySinceMs] = [now, performance.now()]
  }
  return files
}

const steadyMs = 8_000
const maxWaitMs = 60_000
