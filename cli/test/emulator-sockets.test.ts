import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { listenEmulators } from '../src/emulator-sockets.ts'
import { temporaryFolder } from './temporary-folder.ts'

const emulators = [{ platform: 'emulator' }] as const

test('removes the sockets of a killed server only', async () => {
  const folder = temporaryFolder()
  const stale = await leaveSocketBehind(folder)
  const other = await listenEmulators(emulators, folder)
  onTestFinished(() => other.close())
  mkdirSync(join(folder, 'anthology-sockets-begins'))
  writeFileSync(join(folder, 'anthology-notes'), '')
  const kept = readdirSync(folder).filter((name) => name !== stale)

  const own = await listenEmulators(emulators, folder)

  expect(kept).toHaveLength(3)
  expect(readdirSync(folder).filter((name) => kept.includes(name))).toEqual(kept)
  expect(readdirSync(folder)).not.toContain(stale)
  await own.close()
  expect(readdirSync(folder).toSorted()).toEqual(kept.toSorted())
})

/** Starts a process that listens, and kills it. */
async function leaveSocketBehind(folder: string): Promise<string> {
  const name = 'anthology-sockets-killed'
  mkdirSync(join(folder, name))
  const path = join(folder, name, '0.sock')
  const program = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => console.log('listens'))`
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(child.stdout, 'data')
  child.kill('SIGKILL')
  await once(child, 'exit')
  return name
}
