import { execFile } from 'node:child_process'
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { expect, test } from 'vitest'

import { temporaryFolder } from '../running-gateway.ts'
import { openBodies, record } from './opened-bodies.ts'

const hourMs = 3_600_000

test('a full disk leaves no part of a block and no further files', async () => {
  const source = new URL('../../src/', import.meta.url).href
  const folder = temporaryFolder()
  const script = `
    const { openStoredBodies } = await import('${source}bodies/stored-bodies.ts')
    const { createBuiltInKey } = await import('${source}auth/key-ring.ts')
    const { createRequestId } = await import('${source}http/request-id.ts')
    const { randomBytes } = await import('node:crypto')
    const { readdirSync } = await import('node:fs')
    const settings = { folder: '${folder}', retention: '1d', keptMs: null, maxBytes: 1e6, workspaces: null }
    const bodies = await openStoredBodies(settings, { log: () => {}, nowMs: Date.now })
    const startedAtMs = Date.now()
    const found = []
    for (const bytes of [100, 40_000, 40_000, 40_000, 100]) {
      const id = createRequestId(startedAtMs)
      const key = createBuiltInKey('key_local', 'local')
      bodies.capture({ id, billable: true, body: randomBytes(bytes), index: { members: [] }, key }).keep()
      found.push((await bodies.find(id)) !== null)
    }
    await bodies.close()
    console.log(JSON.stringify({ found, files: readdirSync('${folder}').length }))`

  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -f 20; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    script,
  ])

  expect(JSON.parse(stdout)).toEqual({ found: [true, false, false, false, true], files: 1 })
})

test('records are stored again after their folder was removed', async () => {
  const { bodies, capture, folder } = await openBodies({})
  const before = record({ bodies, capture })
  await bodies.find(before)

  rmSync(folder, { recursive: true })
  const after = record({ bodies, capture })
  const found = [await bodies.find(before), await bodies.find(after)]
  await bodies.close()

  expect(found.map((one) => one !== null)).toEqual([false, true])
  expect((statSync(folder).mode & 0o777).toString(8)).toBe('700')
})

test('a segment that cannot be read or removed concerns no other one', async () => {
  const folder = temporaryFolder()
  const startMs = Date.parse('2026-11-30T10:59:00Z')
  const first = await openBodies({ folder, nowMs: () => startMs })
  const id = record(first, startMs)
  await first.bodies.close()
  // Links are not followed, and a folder is not removed.
  symlinkSync('/dev/null', join(folder, '2026-11-30T10-1.bodies'))
  mkdirSync(join(folder, '2026-11-30T09-1.bodies'))

  const found = await first.bodies.find(id)
  const later = await openBodies({ folder, keptMs: hourMs, nowMs: () => startMs + 3 * hourMs })
  await expect.poll(() => later.log.map(({ event }) => event)).toEqual(['bodies_not_removed'])
  await later.bodies.close()

  expect(found).not.toBeNull()
  expect(readdirSync(folder)).toEqual(['2026-11-30T09-1.bodies'])
})

test('a call that ends at the very end of a write is written', async () => {
  // Each turn of the queue of promises after the failure is one at which a call may end.
  const runs = Array.from({ length: 10 }, async (_, turns) => {
    const { bodies, capture, folder } = await openBodies({ onLog: () => void endLater() })
    const endLater = async () => {
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
      capture().keep()
    }
    rmSync(folder, { recursive: true })
    writeFileSync(folder, '')
    capture().keep()
    return bodies
  })

  const all = await Promise.all(runs)

  await expect.poll(() => all.map(({ counts }) => counts.failed)).toEqual(all.map(() => 2))
  await Promise.all(all.map((bodies) => bodies.close()))
})
