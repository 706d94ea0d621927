// `npm run bench`: the cost of a call through the gateway on this machine, compared with a bare Node proxy
// and with peers. CONTRIBUTING.md explains how to read the result.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, type } from 'node:os'
import { join } from 'node:path'

import { stopAll } from './child.ts'
import { measureMemory, memoryNames } from './memory.ts'
import { parseCommand, usage } from './options.ts'
import type { Command, PartName, Plan } from './options.ts'
import { describeRun } from './report.ts'
import { requireAnswers, requireProtocols, runRound } from './rounds.ts'
import type { Field } from './rounds.ts'
import { Samples } from './samples.ts'
import { soak } from './soak.ts'
import { measureStartup } from './startup.ts'
import { gatewayNames, standInNames, startTarget, whyNot } from './targets.ts'
import type { Site, Target, TargetName } from './targets.ts'

const page = join(import.meta.dirname, '../docs/bench.md')
/** Load average per core above which latencies reflect other processes more than the servers. */
const busyShare = 0.5

const startedAtMs = Date.now()
const folder = mkdtempSync(join(tmpdir(), 'anthology-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => void stopAll().finally(() => process.exit(130)))

const parsed = parseCommand(process.argv.slice(2))
if (typeof parsed === 'string') {
  process.stdout.write(parsed)
  process.exit(parsed === usage ? 0 : 2)
}
try {
  await obey(parsed)
} finally {
  await stopAll()
}

async function obey(command: Command): Promise<void> {
  if ('bench' in command) return run(command.bench)
  if ('startup' in command) {
    const { report, isRight } = measureStartup(command.startup)
    process.stdout.write(
      `\nStart of commands on ${today()}, ${describeMachine(loadavg()[0] ?? 0)}.\n\n${report}`,
    )
    if (!isRight) process.exitCode = 1
    return
  }
  const { report, isRight } = await soak(command.soak, { folder, progress })
  process.stdout.write(`\nA soak on ${today()}, ${describeMachine(loadavg()[0] ?? 0)}.\n\n${report}`)
  if (!isRight) process.exitCode = 1
}

async function run(plan: Plan): Promise<void> {
  const wanted = (name: PartName) => plan.only === null || plan.only.has(name)
  const standIns = standInNames.filter(wanted)
  const gateways = getGateways(plan)
  const skipped = gateways.map(whyNot).filter((reason) => reason !== null)
  const runnable = gateways.filter((name) => whyNot(name) === null)
  progress(
    `measures ${[...runnable, ...standIns, ...(['workers', 'protocols'] as const).filter(wanted)].join(', ')}; ${plan.rounds} rounds${skipped.map((reason) => `; ${reason}`).join('')}`,
  )

  const loadBefore = loadavg()[0] ?? 0
  if (loadBefore > busyShare * cpus().length)
    progress(`this machine is busy (load ${loadBefore.toFixed(1)}): compare only CPU per call`)
  const samples = new Samples()
  const { workers } = plan
  const stub = await startTarget('stub', { folder, stubUrl: '', workers })
  const site = { folder, stubUrl: stub.url, workers }
  const field: Field = {
    stub,
    gateways: await startAll(runnable, site),
    standIns: await startAll(standIns, site),
    workers: wanted('workers') ? await startTarget('workers', site) : null,
    protocols: wanted('protocols') ? await startTarget('anthology', site) : null,
  }
  const started = [...field.gateways, ...field.standIns, field.workers, field.protocols].filter(
    (target) => target !== null,
  )
  for (const target of started) await requireAnswers(target)
  if (field.protocols !== null) await requireProtocols(field.protocols)
  for (let round = 0; round < plan.rounds; round += 1) {
    const label = `round ${round + 1} of ${plan.rounds}`
    await runRound(round, field, { plan, samples, progress: (text) => progress(`${label}, ${text}`) })
  }
  await Promise.all(started.map(({ child }) => child.stop()))
  if (plan.memoryCalls !== null) {
    const ran = new Set<TargetName>([...runnable, ...standIns])
    for (const name of memoryNames.filter((one) => ran.has(one))) {
      progress(`memory: ${name}`)
      await measureMemory(name, { site, calls: plan.memoryCalls, samples })
    }
  }
  progress('done')
  const report = describeRun(samples, plan, {
    machine: describeMachine(loadBefore),
    cores: cpus().length,
    date: today(),
    skipped,
  })
  process.stdout.write(`\n${report}`)
  if (!plan.write) return
  mkdirSync(join(page, '..'), { recursive: true })
  writeFileSync(page, report)
  progress('written to docs/bench.md')
}

/** The floor runs with every gateway, and one worker with several. */
function getGateways({ only }: Plan): TargetName[] {
  if (only === null) return [...gatewayNames]
  const chosen = gatewayNames.filter(
    (name) => only.has(name) || (name === 'anthology' && only.has('workers')),
  )
  return chosen.length === 0 ? [] : gatewayNames.filter((name) => name === 'floor' || chosen.includes(name))
}

async function startAll(names: readonly TargetName[], site: Site): Promise<Target[]> {
  const started: Target[] = []
  for (const name of names) started.push(await startTarget(name, site))
  return started
}

/** The machine that the results depend on, without its host name. */
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
