import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { runAnthology } from '../anthology-process.ts'
import { startServed } from './rig.ts'
import type { Served } from './rig.ts'
import { createClient, toFailure, sdk060, sdks, getStatus, getWireError } from './sdks.ts'

/** A running server accepts a new key, and rejects a revoked one, within this time. */
const noticedWithin = { timeout: 2_000 }

describe.each(sdks)('$name', (sdk) => {
  test('can use a new key of a running server immediately, until it is revoked', async () => {
    const server = await startServed()

    const made = await createKey(server, ['--name', 'ci'])
    const client = createClient(sdk, { ...server, key: made.key })
    await expect
      .poll(() => getStatus(client.messages.create(ask('claude-opus-4-1'))), noticedWithin)
      .toBe(200)

    await runKeys(server, ['revoke', made.id])
    await expect
      .poll(() => getStatus(client.messages.create(ask('claude-opus-4-1'))), noticedWithin)
      .toBe(401)
    const error = await toFailure(client.messages.create(ask('claude-opus-4-1')))
    expect(error).toBeInstanceOf(sdk.Anthropic.AuthenticationError)
  })

  test('can use only the models of its key, under all their names', async () => {
    const server = await startServed()
    const made = await createKey(server, ['--models', 'claude-3-5-haiku-latest,claude-sonnet-4-0'])
    const client = createClient(sdk, { ...server, key: made.key })
    await expect.poll(() => getStatus(client.models.list()), noticedWithin).toBe(200)

    const byAlias = await client.messages.create(ask('claude-3-5-haiku-latest'))
    const byId = await client.messages.create(ask('claude-sonnet-4-20250514'))
    const { max_tokens: _, ...countable } = ask('claude-opus-4-1')
    const errors = await Promise.all([
      toFailure(client.messages.create(ask('claude-opus-4-1'))),
      toFailure(client.messages.stream(ask('claude-opus-4-1')).finalMessage()),
      toFailure(client.messages.countTokens(countable)),
    ])

    expect([byAlias.model, byId.model]).toEqual(['claude-3-5-haiku-20241022', 'claude-sonnet-4-20250514'])
    for (const error of errors) {
      expect(error).toBeInstanceOf(sdk.Anthropic.PermissionDeniedError)
      expect(getWireError(error).type).toBe('permission_error')
      expect(getWireError(error).message).toContain('claude-3-5-haiku-20241022')
      expect(getWireError(error).message).toContain('claude-sonnet-4-20250514')
    }
  })

  test('sees only the models of its key', async () => {
    const server = await startServed()
    const made = await createKey(server, ['--models', 'claude-3-5-haiku-latest'])
    const client = createClient(sdk, { ...server, key: made.key })
    await expect.poll(() => getStatus(client.models.list()), noticedWithin).toBe(200)

    const listed: string[] = []
    for await (const { id } of client.models.list()) listed.push(id)

    expect(listed).toEqual(['claude-3-5-haiku-20241022'])
    expect(await client.models.retrieve('claude-3-5-haiku-latest')).toMatchObject({
      id: 'claude-3-5-haiku-20241022',
    })
    expect(await getStatus(client.models.retrieve('claude-opus-4-1'))).toBe(404)
  })
})

test('one valid key is enough if a client sends two different ones', async () => {
  const server = await startServed()
  const { messages } = createClient(sdk060, server)
  const wrong = 'sk-ant-meant-for-somebody-else'
  const bearer = (key: string) => ({ authorization: `Bearer ${key}` })

  const rightBearer = messages.create(ask('claude-sonnet-4-0'), {
    headers: { 'x-api-key': wrong, ...bearer(server.key) },
  })
  const rightKey = messages.create(ask('claude-sonnet-4-0'), {
    headers: { 'x-api-key': server.key, ...bearer(wrong) },
  })
  const noneRight = messages.create(ask('claude-sonnet-4-0'), {
    headers: { 'x-api-key': wrong, ...bearer('sk-ant-as-wrong') },
  })

  expect(await Promise.all([rightBearer, rightKey, noneRight].map(getStatus))).toEqual([200, 200, 401])
})

test('no file and no log line contains a key in clear text', async () => {
  const server = await startServed()
  const made = await createKey(server, ['--name', 'ci'])
  const wrong = 'sk-ant-canary-of-a-stranger'
  const client = createClient(sdk060, { ...server, key: made.key })
  const stranger = createClient(sdk060, { ...server, key: wrong })
  await expect
    .poll(() => getStatus(client.messages.create(ask('claude-sonnet-4-0'))), noticedWithin)
    .toBe(200)
  await client.messages.stream(ask('claude-sonnet-4-0')).finalMessage()
  await createClient(sdk060, server).messages.create(ask('claude-sonnet-4-0'))
  expect(await getStatus(stranger.messages.create(ask('claude-sonnet-4-0')))).toBe(401)

  const whileRunning = await findFiles(server.dataFolder, [made.key, wrong, server.key])
  await server.close()
  const afterwards = await findFiles(server.dataFolder, [made.key, wrong, server.key])

  expect(made.key).toMatch(/^sk-anthology-/)
  for (const found of [whileRunning, afterwards]) {
    expect(found).toEqual({ [made.key]: [], [wrong]: [], [server.key]: ['local-key'] })
  }
  expect(server.log()).toContain('claude-sonnet-4-20250514')
  for (const secret of [made.key, wrong, server.key]) expect(server.log()).not.toContain(secret)
})

interface MadeKey {
  readonly id: string
  readonly key: string
}

async function createKey(server: Served, args: readonly string[]): Promise<MadeKey> {
  return (await runKeys(server, ['create', ...args])) as MadeKey // The output of `keys create --json`.
}

function runKeys({ dataFolder }: Served, args: readonly string[]): Promise<unknown> {
  return runAnthology(['keys', ...args, '--data', dataFolder], dataFolder)
}

function ask(model: string) {
  return { model, max_tokens: 20, messages: [{ role: 'user' as const, content: 'How do tides come about?' }] }
}

/** For each secret, the files of a folder that contain its bytes. */
async function findFiles(folder: string, secrets: readonly string[]): Promise<Record<string, string[]>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) =>
    entry.isFile(),
  )
  expect(names.length).toBeGreaterThan(1)
  const found: Record<string, string[]> = Object.fromEntries(secrets.map((secret) => [secret, []]))
  for (const { name, parentPath } of names) {
    const bytes = await readFile(join(parentPath, name))
    for (const secret of secrets) if (bytes.includes(secret)) found[secret]?.push(name)
  }
  return found
}
