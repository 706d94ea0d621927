// `npm run bench -- --soak`: very many calls to one server, by all protocols in turn. Afterwards memory
// must be flat, no file left open, and every call in the ledger with the correct sum.
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

/** The soak has this many parts, each with another protocol; memory is measured after each. */
const parts = 50
/**
 * The number of calls and of streams per protocol before measuring, so that long-lived files and sockets
 * are already open.
 */
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
  progress('warmed up; waiting until idle connections to the stub are closed')
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
    ['responses other than 200, or missing', formatNumber(made.failures), made.failures === 0],
    ...checkLedger(join(readFact(server.child, 'data'), 'anthology.sqlite'), made),
    checkMemory(megabytes, calls / workers),
    checkFiles(filesBefore, filesAfter),
  ] as const
  const rows = findings.map(([text, measured, isRight]) => [text, measured, resultTexts[String(isRight)]])
  const table = [['what', 'measured', 'right'], ['---', '---', '---'], ...rows]
  return {
    report: `${table.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`,
    isRight: findings.every(([, , isRight]) => isRight !== false),
  }
}

const resultTexts: Record<string, string> = { true: 'yes', false: '**no**', null: 'cannot tell' }

function computeShare(total: number, part: number): number {
  return Math.floor((total * (part + 1)) / parts) - Math.floor((total * part) / parts)
}

/** Makes calls and streams concurrently. */
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

/** V8 lets a heap grow for the first hundred thousand calls (measured), so the second fifth must start after them. */
function checkMemory(megabytes: readonly number[], callsPerWorker: number): Finding {
  const early = summarize(megabytes.slice(parts / 5, (parts * 2) / 5))?.median ?? Number.NaN
  const late = summarize(megabytes.slice(-parts / 5))?.median ?? Number.NaN
  const text = `MB of memory in the second and in the last fifth: growth at most ${maxGrowth}x (meaningful from ${formatNumber(tellingCalls)} calls per worker on)`
  const isRight = callsPerWorker < tellingCalls ? null : late <= maxGrowth * early
  return [text, `${formatNumber(early)}, ${formatNumber(late)}`, isRight]
}

const maxGrowth = 1.1
const tellingCalls = 500_000

function checkFiles(before: number | null, after: number | null): Finding {
  const isRight = before === null || after === null ? null : after <= before
  return ['open files and sockets before and after', `${before ?? '-'}, ${after ?? '-'}`, isRight]
}

/** The number of open files when it has stopped changing: idle connections to the stub stay open for some seconds. */
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
