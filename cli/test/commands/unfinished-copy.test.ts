import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startPostgres } from '../../../gateway/test/store/running-postgres.ts'
import type { RunningPostgres } from '../../../gateway/test/store/running-postgres.ts'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

const main = join(import.meta.dirname, '../../bin/anthology.js')
const gateway = import.meta.resolve('@anthology/gateway')

/** Runs one of the gateway's copies in a process that kills itself with SIGKILL at the `at`-th report of a step. */
function runKilled(action: string, [step, at]: readonly [string, number], stores: readonly unknown[]): void {
  const script = `import { transferStore, restoreStore } from ${JSON.stringify(gateway)}
    let reports = 0
    const onProgress = (step) => {
      if (step === '${step}' && ++reports === ${at}) process.kill(process.pid, 'SIGKILL')
    }
    await ${action}(...${JSON.stringify(stores)}, onProgress)`
  const { signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
  })
  expect({ signal, stderr: signal === null ? stderr : '' }).toEqual({ signal: 'SIGKILL', stderr: '' })
}

interface Killed {
  readonly cwd: string
  readonly source: string
  /** A folder below `cwd`, or a URL. */
  readonly target: string
}

async function createKilled(
  kind: 'folder' | 'database',
  action: 'transferStore' | 'restoreStore',
  moment: readonly [string, number],
): Promise<Killed> {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci', '--data', 'source'], { cwd })
  const target = kind === 'folder' ? 'target' : await postgres.createDatabase()
  const folder = join(cwd, 'target')
  const place = kind === 'folder' ? { dataFolder: folder } : { dataFolder: folder, store: target }
  await run(['backup', 'backup.sqlite', '--data', 'source'], { cwd })
  const from = action === 'restoreStore' ? join(cwd, 'backup.sqlite') : { dataFolder: join(cwd, 'source') }
  runKilled(action, moment, [from, place])
  return { cwd, source: 'source', target }
}

describe.each([
  ['folder', 'transferStore', ['copy', 1]],
  ['folder', 'transferStore', ['compare', 1]],
  ['folder', 'restoreStore', ['copy', 2]],
  ['database', 'transferStore', ['copy', 1]],
  ['database', 'transferStore', ['compare', 1]],
  ['database', 'restoreStore', ['copy', 2]],
] as const)('a %s in which %s was killed at %j', (kind, action, moment) => {
  test('is refused by every command with the next step, and a new one gets all rows', async () => {
    const { cwd, source, target } = await createKilled(kind, action, moment)
    const where = kind === 'folder' ? ['--data', target] : ['--store', target]

    for (const argv of [
      ['usage', ...where],
      ['keys', 'list', ...where],
      ['doctor', ...where],
      ['backup', 'other.sqlite', ...where],
      ['restore', 'backup.sqlite', ...where],
      ['store', 'copy', source, target],
      ['store', 'copy', target, 'third'],
    ]) {
      const { code, out, err } = await run(argv, { cwd })

      expectRefusal(argv, { code, text: out + err })
    }
    if (kind === 'database') {
      const replica = temporaryFolder()
      writeFileSync(join(replica, 'anthology.yaml'), `store: ${target}\nstore_read: ${target}\n`)
      const { code, err } = await run(['usage'], { cwd: replica })
      expectRefusal(['usage from a replica'], { code, text: err })
    }
    const argv = [main, 'serve', '--port', '0', ...where]
    const serving = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8', timeout: 60_000 })
    expectRefusal(argv, { code: serving.status, text: serving.stderr })

    const fresh = kind === 'folder' ? 'fresh' : await postgres.createDatabase()
    const { code, out } = await run(['store', 'copy', source, fresh], { cwd })
    expect(code).toBe(0)
    expect(out).toContain('every column is equal')
    const listed = await run(
      ['keys', 'list', '--json', ...(kind === 'folder' ? ['--data', fresh] : ['--store', fresh])],
      { cwd },
    )
    expect(JSON.parse(listed.out)).toMatchObject([{ name: 'ci' }])
  })
})

function expectRefusal(
  argv: readonly string[],
  { code, text }: { readonly code: number | null; readonly text: string },
): void {
  const words = text.replaceAll(/\s+/g, ' ')
  expect({ argv, code, words }).toEqual({
    argv,
    code: 1,
    words: expect.stringContaining('has a part of a ledger only'),
  })
  expect(words).toMatch(
    /If no copy runs, (?:remove anthology\.sqlite, anthology\.sqlite-wal and anthology\.sqlite-shm in it|remove its tables or name an empty database), and copy or restore again\./,
  )
}

test('of two copies into one database that begin together one ends, and the other changes nothing', async () => {
  const cwd = temporaryFolder()
  const target = await postgres.createDatabase()
  const sources = ['one', 'two']
  for (const source of sources) await run(['keys', 'create', '--name', source, '--data', source], { cwd })
  // Both find an empty database before either begins.
  await run(['keys', 'list', '--store', target], { cwd })

  const copies = await Promise.all(sources.map((source) => run(['store', 'copy', source, target], { cwd })))

  const whole = copies.findIndex(({ code }) => code === 0)
  const other = copies[1 - whole]
  expect([copies[whole]?.code, other?.code]).toEqual([0, 1])
  expect(other?.err).toMatch(/has a part of a ledger only|has rows/)
  const { out } = await run(['keys', 'list', '--json', '--store', target], { cwd })
  expect(JSON.parse(out)).toMatchObject([{ name: sources[whole] }])
})

test.each([
  ['backup', 'SIGINT', 130],
  ['backup', 'SIGTERM', 143],
  ['restore', 'SIGINT', 130],
])('%s that %s interrupts removes its folder', async (action, signal, code) => {
  const cwd = temporaryFolder()
  const store = await postgres.createDatabase()
  await run(['keys', 'create', '--name', 'ci', '--store', store], { cwd })
  if (action === 'restore') await run(['backup', 'backup.sqlite', '--store', store], { cwd })
  const before = readdirSync(cwd)
  // The signal comes with the first line of progress.
  const script = `import { command } from ${JSON.stringify(join(import.meta.dirname, `../../src/commands/${action}.ts`))}
    process.argv.length = 1
    const context = { cwd: ${JSON.stringify(cwd)}, env: {}, out: console.log, err: (text) => {
      console.error(text)
      if (/^(?:copy|compare): /.test(text)) process.kill(process.pid, '${signal}')
    } }
    performance.now = () => (performance.elapsedMs = (performance.elapsedMs ?? 0) + 1_000)
    await command.run(context, { store: '${store}' }, ['backup.sqlite'])`
  const { status, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 60_000,
  })

  expect({ status, stderr }).toEqual({ status: code, stderr: expect.stringContaining('Interrupted') })
  expect(readdirSync(cwd)).toEqual(before)
})

test('a backup removes what a killed one has left beside it a day before', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  for (const [name, ageMs] of [
    ['.anthology-backup-old123', 25 * 3_600_000],
    ['.anthology-restore-old123', 25 * 3_600_000],
    ['.anthology-backup-new123', 3_600_000],
  ] as const) {
    mkdirSync(join(cwd, name))
    writeFileSync(join(cwd, name, 'anthology.sqlite'), 'a part')
    const at = new Date(Date.now() - ageMs)
    for (const path of [join(name, 'anthology.sqlite'), name]) utimesSync(join(cwd, path), at, at)
  }

  const { code } = await run(['backup', 'backup.sqlite'], { cwd })

  expect(code).toBe(0)
  expect(readdirSync(cwd).toSorted()).toEqual(['.anthology', '.anthology-backup-new123', 'backup.sqlite'])
})

test('a folder takes another copy after the remedy', async () => {
  const { cwd, source } = await createKilled('folder', 'transferStore', ['copy', 1])
  for (const ending of ['', '-wal', '-shm']) rmSync(join(cwd, `target/anthology.sqlite${ending}`))
  const { code: copied } = await run(['store', 'copy', source, 'target'], { cwd })

  expect(copied).toBe(0)
})

test('the file of an interrupted copy is no backup', async () => {
  const { cwd } = await createKilled('folder', 'transferStore', ['copy', 1])

  const { code, err } = await run(['restore', 'target/anthology.sqlite', '--data', 'new'], { cwd })

  expect(code).toBe(1)
  expect(err).toMatch(/is a database in use|was interrupted/)
})
