import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { NotFoundError, PermissionDeniedError } from '@anthropic-ai/sdk'
import type Anthropic from '@anthropic-ai/sdk'
import { expect, test } from 'vitest'

import { runAnthology } from '../anthology-process.ts'
import { startServed } from './rig.ts'
import type { Served } from './rig.ts'
import { createNewestClient } from './sdks.ts'

interface Named {
  readonly id: string
  readonly name: string
}

test("the SDK's admin methods list and show workspaces, page by page", async () => {
  const server = await startServed()
  const admin = await createAdmin(server)
  const made: Named[] = []
  for (const name of ['one', 'two', 'three']) made.push(await run(server, ['workspaces', 'create', name]))
  await run(server, ['workspaces', 'archive', 'two'])

  const live: string[] = []
  for await (const workspace of admin.organization.workspaces.list({ limit: 1 })) live.push(workspace.name)
  const all = await admin.organization.workspaces.list({ include_archived: true, include_default: true })
  const one = await admin.organization.workspaces.retrieve(made[0]?.id ?? '')

  expect(await admin.organization.retrieve()).toMatchObject({ type: 'organization', name: 'Anthology' })
  expect(live).toEqual(['three', 'one'])
  expect(new Set(all.data.map(({ name }) => name))).toEqual(new Set(['one', 'two', 'three', 'default']))
  expect(all.data.find(({ name }) => name === 'two')?.archived_at).toMatch(/^\d{4}-/)
  expect(one).toMatchObject({ id: made[0]?.id, type: 'workspace', name: 'one', archived_at: null, tags: {} })
  expect(one.data_residency.allowed_inference_geos).toBe('unrestricted')
})

test("the SDK's admin methods list and show keys, without their secrets", async () => {
  const server = await startServed()
  const admin = await createAdmin(server)
  const workspace: Named = await run(server, ['workspaces', 'create', 'research'])
  const member: Named = await run(server, ['members', 'create', 'Ann'])
  const flags = ['--workspace', 'research', '--member', 'Ann', '--expires-at', '2999-01-01']
  const made: Named & { key: string } = await run(server, ['keys', 'create', '--name', 'ci', ...flags])
  await run(server, ['keys', 'create', '--name', 'old'])
  await run(server, ['keys', 'revoke', 'old'])

  const active = await admin.organization.apiKeys.list({ status: 'active' })
  const archived = await admin.organization.apiKeys.list({ status: 'archived' })
  const elsewhere = await admin.organization.apiKeys.list({ workspace_id: 'default' })
  const key = await admin.organization.apiKeys.retrieve(made.id)

  expect(active.data.map(({ name }) => name)).toEqual(['ci'])
  expect(archived.data.map(({ name }) => name)).toEqual(['old'])
  expect(elsewhere.data.map(({ name }) => name)).toEqual(['old'])
  expect(key).toMatchObject({
    type: 'api_key',
    name: 'ci',
    status: 'active',
    scope: { type: 'workspace', workspace_id: workspace.id },
    principal: { type: 'user_actor', user_id: member.id },
    expires_at: '2999-01-01T00:00:00.000Z',
  })
  expect(made.key.startsWith(key.partial_key_hint?.split('...')[0] ?? '?')).toBe(true)
  expect(JSON.stringify(active)).not.toContain(made.key)
})

test("an ordinary key gets the SDK's error for a missing permission, and an unknown id the one for that", async () => {
  const server = await startServed()
  const admin = await createAdmin(server)
  const ordinary = createNewestClient(server)

  await expect(ordinary.organization.workspaces.list()).rejects.toBeInstanceOf(PermissionDeniedError)
  await expect(admin.organization.workspaces.retrieve('nothing')).rejects.toBeInstanceOf(NotFoundError)
  await expect(admin.organization.workspaces.create({ name: 'x' })).rejects.toMatchObject({ status: 405 })
})

async function createAdmin(server: Served): Promise<Anthropic> {
  const key = (await readFile(join(server.dataFolder, 'admin-key'), 'utf8')).trim()
  return createNewestClient({ ...server, key })
}

async function run<Result>({ dataFolder }: Served, args: readonly string[]): Promise<Result> {
  return (await runAnthology([...args, '--data', dataFolder], dataFolder)) as Result // The output of --json.
}
