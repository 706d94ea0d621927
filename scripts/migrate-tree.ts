import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'

import { readCases } from '../migrate/test/cases.ts'
import { readLabelledCases } from '../migrate/test/labels.ts'

/**
 * Measures `anthology lint` and `anthology migrate` on a large tree: copies of the cases of `migrate/test/corpus`, each in
 * a folder of its own, in a temporary folder that is removed afterwards.
 *
 *   node scripts/migrate-tree.ts                   # 100,000 files
 *   node scripts/migrate-tree.ts --files 10000
 *   node scripts/migrate-tree.ts --keep            # leave the tree, and print its folder
 */
const { values } = parseArgs({
  options: { files: { type: 'string', default: '100000' }, keep: { type: 'boolean', default: false } },
})

const root = mkdtempSync(join(tmpdir(), 'migrate-tree-'))
try {
  const { files, bytes } = writeTree(root, Number(values.files))
  console.log(`${files} files, ${Math.round(bytes / 1e6)} MB`)
  await measure('lint', ['lint', '.', '--format', 'text'])
  await measure('migrate, dry run', ['migrate', '.', '--to', 'claude-opus-5-5'])
} finally {
  if (values.keep) console.log(root)
  else rmSync(root, { recursive: true, force: true })
}

function writeTree(folder: string, wanted: number): { readonly files: number; readonly bytes: number } {
  const cases = [...readCases(), ...readLabelledCases()]
  let [files, bytes] = [0, 0]
  for (let copy = 0; files < wanted; copy += 1)
    for (const { name, files: texts } of cases)
      for (const [path, text] of texts) {
        if (files >= wanted) break
        const file = join(folder, `part-${Math.floor(copy / 30)}`, `copy-${copy}`, name, path)
        mkdirSync(dirname(file), { recursive: true })
        writeFileSync(file, text)
        files += 1
        bytes += Buffer.byteLength(text)
      }
  return { files, bytes }
}

/**
 * Runs the CLI, and prints its time, and on Linux the time of its processors and its largest resident memory. On a
 * shared machine the second is steady and the first is not.
 */
async function measure(title: string, argv: readonly string[]): Promise<void> {
  const cli = join(import.meta.dirname, '..', 'cli', 'bin', 'anthology.js')
  const startedAtMs = performance.now()
  const child = spawn(process.execPath, [cli, ...argv], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  let [peak, cpu] = [0, 0]
  const timer = setInterval(() => {
    peak = Math.max(peak, readPeakMb(child.pid ?? 0))
    cpu = Math.max(cpu, readCpuSeconds(child.pid ?? 0))
  }, 200)
  let last = ''
  child.stdout.on('data', (chunk: Buffer) => (last = `${last}${chunk.toString()}`.slice(-20_000)))
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve))
  clearInterval(timer)
  const seconds = (performance.now() - startedAtMs) / 1000
  const summary = /\d+ files read[^\n]*\n[^\n]*/.exec(last)?.[0].replace('\n', '; ') ?? ''
  console.log(
    `${title}: ${seconds.toFixed(1)} s, ${cpu.toFixed(1)} s of CPU, ${peak} MB, exit code ${code}; ${summary}`,
  )
}

function readPeakMb(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    return Math.round(Number(/VmHWM:\s*(?<kb>\d+)/.exec(status)?.groups?.['kb'] ?? 0) / 1024)
  } catch {
    return 0
  }
}

/** User and system time of all threads; the kernel counts in hundredths of a second. */
function readCpuSeconds(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return 0
  }
}
