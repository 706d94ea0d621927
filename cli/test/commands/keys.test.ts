import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('creates a key with AWS credentials, lists it without a secret, and revokes it once', async () => {
  const data = ['--data', temporaryFolder()]

  const made = await run(['keys', 'create', '--name', 'ci', '--models', 'claude-opus-4-1', '--aws', ...data])
  const listed = await run(['keys', 'list', ...data])
  const revoked = await run(['keys', 'revoke', 'ci', ...data])
  const again = await run(['keys', 'revoke', 'ci', ...data])
  const after = await run(['keys', 'list', ...data])

  const [secret = '', id, awsSecret = ''] = made.out.split('\n')
  expect(made.code).toBe(0)
  expect(secret).toMatch(/^sk-anthology-[\w-]{40,}$/)
  expect(id).toMatch(/^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}$/)
  expect(awsSecret).toMatch(/^AWS_SECRET_ACCESS_KEY=\S{40}$/)
  expect(made.err).toContain('It is shown only once')
  expect(listed.out).toMatch(/^key_\w+ +ci +default +claude-opus-4-1-20250805 +\d{4}-\d\d-\d\d +live$/m)
  expect(listed.out).not.toContain(secret)
  expect(listed.out).not.toContain(awsSecret.split('=')[1])
  expect(revoked).toMatchObject({ code: 0, err: '' })
  expect(revoked.out).toContain('a running server rejects it within a second')
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toContain('anthology keys list')
  expect(after.out).toMatch(/revoked \d{4}-\d\d-\d\d$/m)
})

test('limits a key to a model outside the catalog that the configuration names', async () => {
  const cwd = temporaryFolder()
  const upstream = '{ platform: anthropic, base_url: "http://127.0.0.1:9", models: { "*": qwen3-coder } }'
  writeFileSync(join(cwd, 'anthology.yaml'), `upstreams: [${upstream}]\n`)
  const argv = ['keys', 'create', '--models', 'qwen3-coder,claude-opus-4-1', '--json']

  const { code, out } = await run(argv, { cwd })
  const unknown = await run(['keys', 'create', '--models', 'qwen3'], { cwd })

  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ models: ['qwen3-coder', 'claude-opus-4-1-20250805'] })
  expect(unknown.code).toBe(2)
})

test.each([
  [['create', '--name', ' '], '--name is empty', 'For example --name ci.'],
  [['create', '--name', ''], '--name is empty', '--name NAME'],
  [['create', '--name', 'a\u001b[2J'], '--name must be one line', 'For example --name ci.'],
  [['create', '--name', 'local'], '"local" is a key of the server itself', 'Choose another name.'],
  [['create', '--models', 'claude-opus-9'], 'there is no model "claude-opus-9"', 'Did you mean'],
  [['revoke'], 'keys revoke needs exactly one name or id', 'anthology keys revoke ci'],
  [['revoke', 'local'], 'the local key cannot be revoked: it is a file', 'Delete local-key'],
])('calls %j wrong use, and makes nothing', async (words, problem, hint) => {
  const dataFolder = join(temporaryFolder(), 'data')

  const { code, out, err } = await run(['keys', ...words, '--data', dataFolder])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
  expect(err).toContain(hint)
  expect(existsSync(dataFolder)).toBe(false)
})

test('refuses a second live key of one name, with the next step', async () => {
  const data = ['--data', temporaryFolder()]
  await run(['keys', 'create', '--name', 'ci', ...data])

  const second = await run(['keys', 'create', '--name', ' ci ', ...data])

  expect(second).toMatchObject({ code: 1, out: '' })
  expect(second.err).toContain("a live key is named 'ci' already")
  expect(second.err).toContain('anthology keys revoke NAME')
})

test('a key without a name is named by its id, so that two can be created', async () => {
  const data = ['--data', temporaryFolder()]

  const made = [
    await run(['keys', 'create', '--json', ...data]),
    await run(['keys', 'create', '--json', ...data]),
  ]

  const keys = made.map(({ out }) => JSON.parse(out) as { id: string; name: string })
  expect(keys.map(({ name }) => name)).toEqual(keys.map(({ id }) => id))
  expect(new Set(keys.map(({ id }) => id)).size).toBe(2)
})

test.each([[['list']], [['list', '--json']], [['revoke', 'ci']]])(
  'keys %j in a folder without data reports that, and creates nothing',
  async (words) => {
    const cwd = temporaryFolder()

    const { code, out, err } = await run(['keys', ...words], { cwd })

    expect({ code, out }).toEqual({ code: 1, out: '' })
    expect(err).toContain(`there is no data folder ${join(cwd, '.anthology')}`)
    expect(err).toContain('--data DIR or ANTHOLOGY_DATA')
    expect(readdirSync(cwd)).toEqual([])
  },
)

test('a running server accepts a new key when the command has ended', async () => {
  const server = await startServer()

  const { out } = await run(['keys', 'create', '--name', 'ci', '--data', server.dataFolder])
  const headers = { 'x-api-key': out.trim(), 'anthropic-version': '2023-06-01' }
  const { status } = await fetch(`${server.url}/v1/models`, { headers })

  expect(status).toBe(200)
})

test('reports the new data folder of a first key, which a misspelt --data would create too', async () => {
  const dataFolder = join(temporaryFolder(), 'data')

  const [first, second] = [
    await run(['keys', 'create', '--data', dataFolder]),
    await run(['keys', 'create', '--data', dataFolder]),
  ]

  expect(first.err).toContain(`It is in the new data folder ${dataFolder}.`)
  expect(second.err).not.toContain('new data folder')
})
