import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** CPU time of a process since its start, all its threads together. */
export async function readCpuMicroseconds(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    // The fields after the name, which may hold spaces: user and system time are the 14th and 15th of the line.
    const line = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * microsecondsPerTick
  }
  // `[[days-]hours:]minutes:seconds.hundredths`
  const { stdout } = await run('ps', ['-o', 'time=', '-p', String(pid)])
  const [clock = '', days = '0'] = stdout.trim().split('-').toReversed()
  const seconds = clock.split(':').reduce((total, part) => total * 60 + Number(part), 0)
  return (Number(days) * 86_400 + seconds) * 1_000_000
}

/** Linux reports in hundredths of a second on every processor that Node runs on. */
const microsecondsPerTick = 10_000

export async function readRssMegabytes(pid: number): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)])
  return Number(stdout.trim()) / 1_024
}
