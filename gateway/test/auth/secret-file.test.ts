import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readRootSecret } from '../../src/auth/aws-credentials.ts'
import { readLocalKey } from '../../src/auth/secret-file.ts'
import { temporaryFolder } from '../running-gateway.ts'

test('creates a key that only its owner can read, and finds it again', () => {
  const folder = join(temporaryFolder(), 'data')

  const first = readLocalKey(folder)
  const second = readLocalKey(folder)

  expect(first).toMatch(/^sk-anthology-[\w-]{43}$/)
  expect(second).toBe(first)
  expect(readFileSync(join(folder, 'local-key'), 'utf8')).toBe(`${first}\n`)
  expect(statSync(join(folder, 'local-key')).mode & 0o777).toBe(0o600)
  expect(statSync(folder).mode & 0o777).toBe(0o700)
})

test('uses an existing key file', () => {
  const folder = join(temporaryFolder(), 'data')
  mkdirSync(folder)
  writeFileSync(join(folder, 'local-key'), 'my-own-key\n')

  expect(readLocalKey(folder)).toBe('my-own-key')
})

test.each([
  ['local-key', readLocalKey],
  ['root-secret', (folder: string) => readRootSecret(folder, undefined)],
])('rejects an empty secret file: %s', (name, read) => {
  const folder = join(temporaryFolder(), 'data')
  mkdirSync(folder)
  writeFileSync(join(folder, name), '\n')

  expect(() => read(folder)).toThrow(
    expect.objectContaining({
      code: 'secret_empty',
      message: expect.stringContaining(name),
      hint: expect.stringContaining('Remove it'),
    }),
  )
})
