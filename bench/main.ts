// `npm run bench`: what a call through the gateway costs, beside the floor of
// Node and the peers, on this machine. CONTRIBUTING.md says how to read it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, type } from 'node:os'
import { join } from 'node:path'

import { stopAll } from './child.ts'
import { measureMemory, memoryNames } from './memory.ts'
import { type Plan, parsePlan, usage } from './options.ts'
import { describeRun } from './report.ts'
import { type Field, requireAnswers, runRound } from './rounds.ts'
import { Samples } from './samples.ts'
import {
  type Site,
  type Target,
  type TargetName,
  gatewayNames,
  standInNames,
  startTarget,
  whyNot,
} from './targets.ts'

const page = join(import.meta.dirname, '../docs/bench.md')
/** Of the cores, in the system's load average: above it latencies say more about the neighbours than about the servers. */
const busyShare = 0.5

const startedAtMs = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'anthology-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void stopAll().finally(() => process.exit(130)))

const parsed = parsePlan(process.argv.slice(2))
if (typeof parsed === 'string') {
  process.stdout.write(parsed)
  process.exit(parsed === usage ? 0 : 2)
}
try {
  await run(parsed)
} finally {
  await stopAll()
}

async function run(plan: Plan): Promise<void> {
  const wanted = (name: TargetName) => plan.only === null || plan.only.has(name)
  const standIns = standInNames.filter(wanted)
  const gateways = gatewayNames.filter((name) => wanted(name) || (name === 'floor' && isAGatewayWanted(plan)))
  const skipped = gateways.map(whyNot).filter((reason) => reason !== null)
  const runnable = gateways.filter((name) => whyNot(name) === null)
  progress(
    `measures ${[...runnable, ...standIns].join(', ')}; ${plan.rounds} rounds${skipped.map((reason) => `; ${reason}`).join('')}`,
  )

  const loadBefore = loadavg()[0] ?? 0
  if (loadBefore > busyShare * cpus().length)
    progress(`others use this machine (load ${loadBefore.toFixed(1)}): compare CPU per call, and little else`)
  const samples = new Samples()
  const { workers } = plan
  const stub = await startTarget('stub', { folder, stubUrl: '', workers })
  const site = { folder, stubUrl: stub.url, workers }
  const field: Field = {
    stub,
    gateways: await startAll(runnable, site),
    standIns: await startAll(standIns, site),
  }
  for (const target of [...field.gateways, ...field.standIns]) await requireAnswers(target)
  for (let round = 0; round < plan.rounds; round += 1) {
    const label = `round ${round + 1} of ${plan.rounds}`
    await runRound(round, field, { plan, samples, progress: (text) => progress(`${label}, ${text}`) })
  }
  await Promise.all([...field.gateways, ...field.standIns].map(({ child }) => child.stop()))
  if (plan.memoryCalls !== null) {
    const ran = new Set<TargetName>([...runnable, ...standIns])
    for (const name of memoryNames.filter((one) => ran.has(one))) {
      progress(`memory: ${name}`)
      await measureMemory(name, { site, calls: plan.memoryCalls, samples })
    }
  }
  progress('done')
  const report = describeRun(samples, plan, { machine: describeMachine(loadBefore), date: today(), skipped })
  process.stdout.write(`\n${report}`)
  if (!plan.write) return
  mkdirSync(join(page, '..'), { recursive: true })
  writeFileSync(page, report)
  progress('written to docs/bench.md')
}

function isAGatewayWanted({ only }: Plan): boolean {
  return only === null || gatewayNames.some((name) => only.has(name))
}

async function startAll(names: readonly TargetName[], site: Site): Promise<Target[]> {
  const started: Target[] = []
  for (const name of names) started.push(await startTarget(name, site))
  return started
}

/** What the figures depend on, without the name of the host. */
function describeMachine(loadBefore: number): string {
  const [first] = cpus()
  const model = first?.model.trim().replace(/\s+/g, ' ') ?? ''
  return `${cpus().length} cores${model === '' || model === 'unknown' ? '' : ` (${model})`}, ${type()} ${release()}, Node ${process.version}, load ${loadBefore.toFixed(1)} before the run`
}

function today(): string {
  return new Date().toISOString().slice(0, 10)
}

function progress(text: string): void {
  const seconds = String(Math.round((Date.now() - startedAtMs) / 1_000)).padStart(4)
  process.stderr.write(`${seconds} s  ${text}\n`)
}
