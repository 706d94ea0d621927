import { execFile } from 'node:child_process'
import { readFile, readdir } from 'node:fs/promises'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Finds a process and its descendants: a server may consist of several. */
export async function findProcesses(root: number): Promise<readonly number[]> {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid='])
  const pairs = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const found = [root]
  // The list grows during the iteration, so it covers every generation.
  for (const parent of found)
    found.push(...pairs.filter(([, parentOf]) => parentOf === parent).map(([pid = 0]) => pid))
  return found
}

/** CPU time of processes since their start, all threads together. */
export async function readCpuMicroseconds(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(pids.map(readOne))
  return times.reduce((sum, time) => sum + time, 0)
}

async function readOne(pid: number): Promise<number> {
  if (process.platform === 'linux') {
    // After the name, which may contain spaces, user and system time are the 14th and 15th field of the
    // line.
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

/** Linux reports in hundredths of a second on every architecture that Node supports. */
const microsecondsPerTick = 10_000

/** Resident memory of all processes together; shared pages count once per process. */
export async function readRssMegabytes(pids: readonly number[]): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', pids.join(',')])
  const kilobytes = stdout.trim().split(/\s+/).map(Number)
  return kilobytes.reduce((sum, one) => sum + one, 0) / 1_024
}

/** Counts the open files and sockets of processes; null if the system does not expose them. */
export async function countOpenFiles(pids: readonly number[]): Promise<number | null> {
  if (process.platform !== 'linux') return null
  const folders = await Promise.all(pids.map((pid) => readdir(`/proc/${pid}/fd`)))
  return folders.reduce((sum, files) => sum + files.length, 0)
}
