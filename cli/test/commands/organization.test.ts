import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { startServer } from '../running-server.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('workspaces are created, renamed, listed and archived, and archiving revokes their keys', async () => {
  const data = ['--data', temporaryFolder()]

  const created = await run(['workspaces', 'create', 'research', ...data])
  await run(['keys', 'create', '--name', 'ci', '--workspace', 'research', ...data])
  const renamed = await run(['workspaces', 'update', 'research', '--name', 'science', '--json', ...data])
  const listed = await run(['workspaces', 'list', ...data])
  const archived = await run(['workspaces', 'archive', 'science', ...data])
  const rest = await run(['workspaces', 'list', '--json', ...data])
  const all = await run(['workspaces', 'list', '--archived', '--json', ...data])
  const keys = await run(['keys', 'list', ...data])

  expect(created.out).toMatch(/^workspace_\w+ \(research\) is created\.$/m)
  expect(JSON.parse(renamed.out)).toMatchObject({ name: 'science', archived_at: null })
  expect(listed.out).toMatch(/^default +default +\d{4}-\d\d-\d\d +live$/m)
  expect(listed.out).toMatch(/^workspace_\w+ +science +\d{4}-\d\d-\d\d +live$/m)
  expect(archived.out).toContain('(science) is archived, and its keys are revoked.')
  expect(readNames(rest.out)).toEqual(['default'])
  expect(readNames(all.out).toSorted()).toEqual(['default', 'science'])
  expect(keys.out).toMatch(/^key_\w+ +ci +workspace_\w+ +all models +\S+ +revoked/m)
})

test('members are created with a role, changed, listed and archived', async () => {
  const data = ['--data', temporaryFolder()]
  await run(['workspaces', 'create', 'research', ...data])
  const flags = ['--email', 'Ann@Example.com', '--role', 'billing', '--workspaces', 'research']

  const created = await run(['members', 'create', 'Ann', ...flags, '--json', ...data])
  const changed = await run(['members', 'update', 'Ann', '--role', 'viewer', '--workspaces', 'all', ...data])
  const listed = await run(['members', 'list', ...data])
  const elsewhere = await run(['keys', 'create', '--name', 'own', '--member', 'Ann', '--json', ...data])
  const archived = await run(['members', 'archive', 'Ann', ...data])
  const keys = await run(['keys', 'list', '--json', ...data])

  expect(JSON.parse(created.out)).toMatchObject({
    name: 'Ann',
    email: 'ann@example.com',
    role: 'billing',
    workspaces: [expect.stringMatching(/^workspace_/)],
  })
  expect(changed.code).toBe(0)
  expect(listed.out).toMatch(/^member_\w+ +Ann +ann@example\.com +viewer +all +live$/m)
  expect(elsewhere.code).toBe(0)
  expect(archived.out).toContain('(Ann) is archived; their keys are revoked.')
  expect(JSON.parse(keys.out)).toMatchObject([{ name: 'own', revoked_at: expect.stringMatching(/^\d{4}-/) }])
})

test('the permissions of a key are set, changed and removed by flags of their names', async () => {
  const data = ['--data', temporaryFolder()]
  const flags = ['--protocols', 'messages,openai', '--regions', 'eu-west-1', '--ip-ranges', '10.0.0.0/8,::1']
  const rates = ['--requests-per-minute', '60', '--expires-at', '2999-01-01']

  const made = await run(['keys', 'create', '--name', 'ci', ...flags, ...rates, '--json', ...data])
  const changes = ['--name', 'build', '--regions', 'all', '--models', 'claude-opus-4-1']
  const removals = ['--requests-per-minute', 'none', '--expires-at', 'never']
  const changed = await run(['keys', 'update', 'ci', ...changes, ...removals, '--json', ...data])

  expect(JSON.parse(made.out)).toMatchObject({
    protocols: ['messages', 'openai'],
    regions: ['eu-west-1'],
    ip_ranges: ['10.0.0.0/8', '::1'],
    rates: { requests_per_minute: 60 },
    expires_at: '2999-01-01T00:00:00.000Z',
  })
  expect(JSON.parse(changed.out)).toMatchObject({
    name: 'build',
    models: ['claude-opus-4-1-20250805'],
    protocols: ['messages', 'openai'],
    regions: null,
    rates: null,
    expires_at: null,
  })
})

test('a rotated key has a new secret at a running server, and the one before works on', async () => {
  const server = await startServer()
  const data = ['--data', server.dataFolder]
  const made = await run(['keys', 'create', '--name', 'ci', ...data])

  const rotated = await run(['keys', 'rotate', 'ci', '--overlap-seconds', '3600', ...data])
  const ended = await run(['keys', 'rotate', 'ci', '--overlap-seconds', '0', ...data])

  const ask = async (key: string) => {
    const headers = { 'x-api-key': key.trim(), 'anthropic-version': '2023-06-01' }
    return (await fetch(`${server.url}/v1/models`, { headers })).status
  }
  expect(rotated.err).toContain('has a new secret. The one before is valid until 2')
  // The second rotation ended both secrets before it.
  expect([await ask(made.out), await ask(rotated.out), await ask(ended.out)]).toEqual([401, 401, 200])
})

test.each([
  [['workspaces'], 'workspaces needs an action', 'Use create, list, update or archive.'],
  [['workspaces', 'create'], 'workspaces create needs exactly one name or id', 'create research'],
  [['workspaces', 'list', 'x'], 'workspaces list does not accept "x"', 'It always lists all workspaces.'],
  [['workspaces', 'update', 'x'], 'workspaces update needs --name NAME', 'nothing else'],
  [['members', 'create', 'Ann', '--role', 'owner'], 'there is no role "owner"', 'Use admin, billing'],
  [['members', 'update', 'Ann'], 'members update needs a change', '--role billing'],
  [['keys', 'create', '--protocols', 'soap'], 'there is no protocol "soap"', 'Use messages, openai'],
  [['keys', 'create', '--ip-ranges', '10.0.0.0/33'], 'is neither an address nor a network', 'keys --help'],
  [['keys', 'create', '--regions', 'a,,b'], '--regions has an empty entry', 'all removes'],
  [['keys', 'create', '--expires-at', 'tomorrow'], '--expires-at must be a time', 'keys --help'],
  [['keys', 'create', '--requests-per-minute', '0'], 'must be a number from 1, or none', '60'],
  [['keys', 'rotate', 'ci', '--overlap-seconds', '-1'], '--overlap-seconds', '3600'],
])('calls %j wrong use, and makes nothing', async (argv, problem, hint) => {
  const dataFolder = join(temporaryFolder(), 'data')

  const { code, out, err } = await run([...argv, '--data', dataFolder])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
  expect(err).toContain(hint)
  expect(existsSync(dataFolder)).toBe(false)
})

test.each([
  [['workspaces', 'create', 'default'], "a live workspace is named 'default' already"],
  [['workspaces', 'archive', 'default'], "the workspace 'default' cannot be archived"],
  [['workspaces', 'archive', 'nothing'], "there is no workspace 'nothing'"],
  [['members', 'archive', 'nobody'], "there is no member 'nobody'"],
  [['keys', 'update', 'nothing', '--name', 'x'], "no live key 'nothing'"],
  [['keys', 'create', '--workspace', 'nothing'], "there is no workspace 'nothing'"],
])('%j answers no, with the reason', async (argv, reason) => {
  const data = ['--data', temporaryFolder()]
  await run(['workspaces', 'create', 'other', ...data])

  const { code, out, err } = await run([...argv, ...data])

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(reason)
})

function readNames(json: string): readonly string[] {
  return (JSON.parse(json) as { name: string }[]).map(({ name }) => name)
}
