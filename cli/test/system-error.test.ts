import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { explainSystemError } from '../src/system-error.ts'
import { run } from './console.ts'
import { temporaryFolder } from './temporary-folder.ts'

test.each([
  ['keys create --data file', 'file exists and is not a folder'],
  ['keys create --data file/data', 'file/data is a file, not a folder'],
  ['keys create --data loop/data', 'loop'],
  ['keys list --data missing', 'there is no data folder'],
  ['usage --data file', 'file is not a data folder'],
  ['usage --config folder', 'the given path is a folder, not a file'],
  ['usage --config missing.yaml', 'there is no file missing.yaml'],
  ['check folder', 'folder is a folder, not a file'],
  ['check missing.json', 'there is no file missing.json'],
  ['price opus missing.json', 'there is no file missing.json'],
  ['models --diff missing.json file', 'there is no file missing.json'],
  ['chat --image missing.png Hello', 'the image missing.png cannot be read: there is no such file'],
  ['chat --image folder Hello', 'the image folder cannot be read: it is a folder'],
])('anthology %s names the file, and the next step', async (line, problem) => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'file'), '')
  mkdirSync(join(cwd, 'folder'))
  symlinkSync(join(cwd, 'loop'), join(cwd, 'loop'))

  const { code, out, err } = await run(line.split(' '), { cwd })

  const [first = '', hint = '', ...more] = err.split('\n')
  expect(out).toBe('')
  expect([1, 2]).toContain(code)
  expect(first).toMatch(/^anthology: /)
  expect(first).toContain(problem)
  expect(first).not.toMatch(/\bE[A-Z]{4,}\b/)
  expect(hint).toMatch(/^[A-Z].*\.$/)
  expect(more).toEqual([''])
})

test.each([
  ['EACCES', 'this user may not use /data/anthology.sqlite', true],
  ['EROFS', '/data/anthology.sqlite is on a file system that cannot be written', true],
  ['ENOSPC', 'the disk of /data/anthology.sqlite is full', false],
])('explains %s', (code, message, isWrongUse) => {
  const error = Object.assign(new Error(`${code}: open`), {
    code,
    syscall: 'open',
    path: '/data/anthology.sqlite',
  })

  expect(explainSystemError(error)).toMatchObject({ message, isWrongUse })
})

test('an error of SQLite has a next step', async () => {
  const cwd = temporaryFolder()
  await run(['keys', 'create', '--name', 'ci'], { cwd })
  await run(['backup', 'b.sqlite'], { cwd })
  mkdirSync(join(cwd, 'new', 'anthology.sqlite'), { recursive: true })
  const full = Object.assign(new Error('database or disk is full'), { code: 'ERR_SQLITE_ERROR', errcode: 13 })
  const readOnly = Object.assign(new Error('attempt to write a readonly database'), {
    code: 'ERR_SQLITE_ERROR',
    errcode: 1_032,
  })

  const { code, err } = await run(['restore', 'b.sqlite', '--data', 'new'], { cwd })

  expect(code).toBe(1)
  expect(err).toMatch(
    /^anthology: the database cannot be used: unable to open database file\nCheck that this user may/,
  )
  expect(explainSystemError(full)).toMatchObject({
    message: 'the database cannot be used: database or disk is full',
    hint: 'Free some space, and try again.',
    isWrongUse: false,
  })
  expect(explainSystemError(readOnly)?.hint).toContain('the disk is not read-only')
})

test('leaves other errors as they are', () => {
  expect(explainSystemError(new Error('broken'))).toBeNull()
})
