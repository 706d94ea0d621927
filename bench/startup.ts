import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The CPU time of commands from their start to their end, beside Node's own. */
export interface StartupPlan {
  readonly rounds: number
}

const binary = join(import.meta.dirname, '../cli/bin/anthology.js')

/** Commands that a person waits for. */
const commands = [
  ['version'],
  ['help'],
  ['models'],
  ['resolve', 'sonnet[1m]'],
  ['price', 'claude-opus-4-1', '--input', '1000'],
  ['calendar'],
  ['check', 'request.json'],
] as const

/** No command may take more than this, without Node's own start. */
const maxOwnMs = 300

const request = {
  model: 'claude-opus-5-5',
  max_tokens: 9,
  messages: [{ role: 'user', content: 'Hi' }],
}

/** Measures the start of short commands; the code is compiled once before, as after any earlier command. */
export function measureStartup({ rounds }: StartupPlan): { report: string; isRight: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-startup-'))
  try {
    writeFileSync(join(folder, 'request.json'), JSON.stringify(request))
    for (const command of commands) run([binary, ...command], folder)
    const rows = commands.map((command) => {
      const own: number[] = []
      for (let round = 0; round < rounds; round += 1) {
        const bareMs = run(['--eval', '0'], folder)
        own.push(run([binary, ...command], folder) - bareMs)
      }
      return { name: command.join(' '), own: own.toSorted((one, other) => one - other) }
    })
    const lines = rows.map(
      ({ name, own }) => `| ${name} | ${format(own[Math.floor(own.length / 2)])} | ${format(own[0])} |`,
    )
    const isRight = rows.every(({ own }) => (own[0] ?? Infinity) <= maxOwnMs)
    const head = ['| command | CPU ms beyond Node, median | least |', '| --- | --- | --- |']
    const goal = `Goal: at most ${maxOwnMs} CPU ms beyond \`node --eval 0\`: ${isRight ? 'reached' : 'missed'} by the least of ${rounds} rounds.`
    return { report: [...head, ...lines, '', goal, ''].join('\n'), isRight }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The CPU time of a process, which other processes of the machine change little. */
function run(args: readonly string[], cwd: string): number {
  const { status, stderr } = spawnSync(process.execPath, ['--import', reporter, ...args], {
    cwd,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`)
  return Number(/^cpu (\d+)$/m.exec(stderr)?.[1]) / 1_000
}

/** A module that prints the microseconds at the end of its process. */
const reporter = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  process.stderr.write('\\ncpu ' + (user + system) + '\\n')
})`)}`

function format(ms: number | undefined): string {
  return ms === undefined ? '-' : String(Math.round(ms))
}
