import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test.each([[['no-colon']], [[':secret']], [['AKID:']]])(
  'rejects invalid AWS credentials without repeating them: %j',
  async ([pair]) => {
    const { code, out, err } = await run(['emulate', '--port', '0', '--aws-pair', String(pair)])

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('--aws-pair needs an access key id and its secret')
    expect(err).toContain('ID:SECRET')
    expect(err).not.toContain(`"${pair}"`)
  },
)

test.each(['emulate', 'serve'])(
  '%s rejects incomplete AWS credentials in the environment',
  async (command) => {
    const env = { ANTHOLOGY_AWS_ACCESS_KEY_ID: 'AKID' }
    const { code, err } = await run([command, '--port', '0'], { env, cwd: temporaryFolder() })

    expect(code).toBe(2)
    expect(err).toContain(
      'ANTHOLOGY_AWS_ACCESS_KEY_ID and ANTHOLOGY_AWS_SECRET_ACCESS_KEY must be set together',
    )
  },
)

test.each([
  [['--key', ''], '--key is empty', '--key KEY'],
  [['--seed', ''], '--seed is empty', 'leave it out'],
  [['--tokens-per-second', '-5'], '--tokens-per-second must be a number above 0, not "-5"', 'unlimited'],
  [['--port', '-1'], '"-1" is not a port', '0 to 65535'],
  [['--as-of', '2025-13-40'], '--as-of must be a day, not "2025-13-40"', 'YYYY-MM-DD'],
  [['--lifecycle', 'never'], '--lifecycle cannot be "never"', 'ignore, warn, enforce'],
  [['--capacity', '50'], '--capacity must have three limits above 0', 'requests=50,input=40000,output=8000'],
  [['--capacity', 'requests=0,input=1,output=1'], '--capacity must have three limits above 0', 'requests=50'],
  [['--host', '203.0.113.1'], '203.0.113.1 is not an address of this machine', '--host'],
  [['--host', 'nobody.invalid'], 'there is no address "nobody.invalid"', '--host'],
])('reports %j as wrong use, with the next step', async (options, problem, hint) => {
  const { code, out, err } = await run(['emulate', '--port', '0', ...options])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  const [first = '', second = ''] = err.split('\n')
  expect(first).toContain(problem)
  expect(second).toContain(hint)
})

test('a port in use is a failure and not wrong use', async () => {
  const emulator = await listenEmulator(createEmulator(), { port: 0, host: '127.0.0.1' })
  onTestFinished(() => emulator.close())

  const { code, err } = await run(['emulate', '--port', String(emulator.port)])

  expect(code).toBe(1)
  expect(err).toContain(`port ${emulator.port} on 127.0.0.1 is in use`)
  expect(err).toContain('--port')
})

test.each([
  [
    'version: 1\nrules:\n  - when: { modle: x }\n    reply: {}\n',
    /:3:\d+: rules\.0\.when: unknown member 'modle'/,
  ],
  ['version: 1\nrules: [\n', /:3:1: Flow sequence/],
  ['', /:1:1: /],
  ['version: 2\nrules: []\n', /:1:10: version: must be 1/],
])('an invalid scenario is wrong use, with file, line and column: %j', async (text, problem) => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, 'bad.yaml'), text)

  const { code, out, err } = await run(['emulate', '--port', '0', '--scenario', 'bad.yaml'], { cwd })

  expect({ code, out }).toEqual({ code: 2, out: '' })
  const [first, second, ...rest] = err.split('\n')
  expect(first).toMatch(/^anthology: bad\.yaml:/)
  expect(first).toMatch(problem)
  expect(second).toContain('scenario.schema.json')
  expect(rest).toEqual([''])
})

test.each([
  [['--scenario', 'missing.yaml'], 'there is no file missing.yaml'],
  [['--scenario', '.'], '. is a folder, not a file'],
  [['--junit', 'x.xml'], '--junit needs --verify'],
])('rejects %j', async (options, problem) => {
  const { code, err } = await run(['emulate', '--port', '0', ...options], { cwd: temporaryFolder() })

  expect(code).toBe(2)
  expect(err).toContain(problem)
})
