import { chmodSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { findWideModes, restrictModes } from '../../../src/store/sqlite/file-modes.ts'
import { temporaryFolder } from '../../running-gateway.ts'

const ownFiles = [
  'anthology.sqlite',
  'anthology.sqlite-wal',
  'anthology.sqlite-shm',
  'anthology.sqlite-journal',
  'lock.sqlite',
  'emergency-abc123.journal',
  'local-key',
  'root-secret',
  'admin-key',
]

test('removes the permissions of other users from an existing folder and every file of ours in it', () => {
  const folder = createFolder(0o2775)
  for (const name of ownFiles) createFile(folder, name, 0o664)

  const restricted = restrictModes(folder)

  expect(restricted.map(({ path, error }) => [path, error])).toEqual(
    [folder, ...ownFiles.map((name) => join(folder, name)).toSorted()].map((path) => [path, null]),
  )
  expect(restricted.filter(({ isSecret }) => isSecret).map(({ path }) => path)).toEqual(
    ['admin-key', 'local-key', 'root-secret'].map((name) => join(folder, name)),
  )
  expect(statSync(folder).mode & 0o7777).toBe(0o2700)
  expect(ownFiles.map((name) => readMode(folder, name))).toEqual(ownFiles.map(() => 0o600))
  expect(findWideModes(folder)).toEqual([])
})

test('leaves other files and the targets of links as they are, and reports a folder that everybody shares', () => {
  const folder = createFolder(0o1777)
  createFile(folder, 'notes.txt', 0o644)
  createFile(folder, 'target', 0o644)
  symlinkSync(join(folder, 'target'), join(folder, 'local-key'))

  expect(restrictModes(folder)).toEqual([
    { path: folder, mode: 0o777, isSecret: false, error: expect.stringContaining('sticky bit') },
  ])
  expect([readMode(folder, 'notes.txt'), readMode(folder, 'target')]).toEqual([0o644, 0o644])
  expect(statSync(folder).mode & 0o7777).toBe(0o1777)
})

test('finds nothing in a folder that does not exist', () => {
  expect(findWideModes(join(temporaryFolder(), 'missing'))).toEqual([])
})

function createFolder(mode: number): string {
  const folder = join(temporaryFolder(), 'data')
  mkdirSync(folder)
  chmodSync(folder, mode)
  return folder
}

function createFile(folder: string, name: string, mode: number): void {
  writeFileSync(join(folder, name), '')
  chmodSync(join(folder, name), mode)
}

function readMode(folder: string, name: string): number {
  return statSync(join(folder, name)).mode & 0o777
}
