import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { readSettings } from '../src/settings.ts'
import { temporaryFolder } from './temporary-folder.ts'

const file = 'port: 1\nhost: 192.0.2.1\ndata: of-the-file\nworkers: 2\n'

test.each([
  ['a flag', { port: '3', host: '::1', data: 'of-the-flag', workers: '4' }, [3, '::1', 'of-the-flag', 4]],
  ['a variable', {}, [2, '192.0.2.1', 'of-the-variable', 2]],
])('%s wins over what comes behind it', (_, values, expected) => {
  const cwd = folderWith(file)
  const env = { ANTHOLOGY_PORT: '2', ANTHOLOGY_DATA: 'of-the-variable' }

  const { port, host, dataFolder, workers } = read({ cwd, env }, values)

  const [wantedPort, wantedHost, folder = '', wantedWorkers] = expected
  expect([port, host, dataFolder, workers]).toEqual([
    wantedPort,
    wantedHost,
    join(cwd, String(folder)),
    wantedWorkers,
  ])
})

test('takes an IPv6 address as a URL has it', () => {
  const cwd = folderWith("host: '[::]'\n")

  expect(read({ cwd, env: {} }).host).toBe('::')
  expect(read({ cwd, env: {} }, { host: '[::1]' }).host).toBe('::1')
})

test('ignores an empty variable', () => {
  const cwd = folderWith(file)

  const { port, dataFolder } = read({ cwd, env: { ANTHOLOGY_PORT: '', ANTHOLOGY_DATA: '' } })

  expect([port, dataFolder]).toEqual([1, join(cwd, 'of-the-file')])
})

test('uses the defaults if nothing is set', () => {
  const cwd = temporaryFolder()

  expect(read({ cwd, env: {} })).toMatchObject({
    port: 7171,
    host: '127.0.0.1',
    dataFolder: join(cwd, '.anthology'),
    workers: null,
    config: {},
    configFile: null,
  })
})

function folderWith(config: string): string {
  const folder = temporaryFolder()
  writeFileSync(join(folder, 'anthology.yaml'), config)
  return folder
}

function read(place: { cwd: string; env: Record<string, string> }, values: Record<string, string> = {}) {
  return readSettings(place, values, 'all')
}
