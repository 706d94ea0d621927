import { expect, test } from 'vitest'

import type { Caller } from '../../src/auth/caller.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'

const adminKey = createSecret()

test('a prompt keeps every version as it was saved, the newest first', async () => {
  const gateway = await start()
  const first = { draft: { system: 'one', __note: null, turns: [{ text: '\u2028 "x"' }] } }

  const created = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'triage', content: first })
  const path = `/admin/v1/prompts/${String(created.body['prompt_id'])}`
  const second = await send(gateway, 'POST', `${path}/versions`, { note: 'shorter', content: { draft: {} } })
  const versions = await send(gateway, 'GET', `${path}/versions`)
  const old = await send(gateway, 'GET', `${path}/versions/1`)

  expect(created).toMatchObject({ status: 201, body: { version: 1, note: '', actor: 'admin-key' } })
  expect(second).toMatchObject({ status: 201, body: { version: 2, note: 'shorter' } })
  expect(versions.body['data']).toMatchObject([{ version: 2 }, { version: 1 }])
  expect(versions.text).not.toContain('content')
  expect(old.body['content']).toEqual(first)
})

test('versions that are added at the same time get numbers of their own', async () => {
  const gateway = await start()
  const { body } = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'p', content: {} })
  const path = `/admin/v1/prompts/${String(body['prompt_id'])}/versions`

  const added = await Promise.all(
    Array.from({ length: 6 }, (_, index) => send(gateway, 'POST', path, { content: { index } })),
  )

  expect(added.map((reply) => Number(reply.body['version'])).toSorted((one, other) => one - other)).toEqual([
    2, 3, 4, 5, 6, 7,
  ])
})

test('an archived prompt takes no version and leaves its name, and its versions stay', async () => {
  const gateway = await start()
  const { body } = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'p', content: { n: 1 } })
  const path = `/admin/v1/prompts/${String(body['prompt_id'])}`

  const taken = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'p', content: {} })
  await send(gateway, 'DELETE', path)
  const late = await send(gateway, 'POST', `${path}/versions`, { content: {} })
  const again = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'p', content: {} })
  const old = await send(gateway, 'GET', `${path}/versions/1`)

  expect([taken.status, late.status, again.status]).toEqual([409, 409, 201])
  expect(old.body['content']).toEqual({ n: 1 })
})

test('the log of changes has who saved which version, and no text of it', async () => {
  const gateway = await start()
  const content = { draft: { system: 'a private prompt' } }
  await send(gateway, 'POST', '/admin/v1/prompts', { name: 'p', content })

  const log = await send(gateway, 'GET', '/admin/v1/audit')

  expect(log.body['data']).toMatchObject([{ action: 'createPrompt', actor: 'admin-key' }])
  expect(log.text).toContain('content_sha256')
  expect(log.text).not.toContain('private')
})

test('a prompt of a workspace that a member may not see does not exist for the member', async () => {
  const gateway = await start()
  const { body: workspace } = await send(gateway, 'POST', '/admin/v1/workspaces', { name: 'research' })
  const { body } = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'hidden', content: {} })
  const path = `/admin/v1/prompts/${String(body['prompt_id'])}`
  const member = { 'x-api-key': undefined, 'x-workspace': String(workspace['id']) }

  const own = await send(gateway, 'POST', '/admin/v1/prompts', { name: 'own', content: {} }, member)
  const seen = await send(gateway, 'GET', '/admin/v1/prompts', undefined, member)
  const refused = [
    await send(gateway, 'GET', path, undefined, member),
    await send(gateway, 'GET', `${path}/versions/1`, undefined, member),
    await send(gateway, 'POST', `${path}/versions`, { content: {} }, member),
    await send(gateway, 'DELETE', path, undefined, member),
    await send(
      gateway,
      'POST',
      '/admin/v1/prompts',
      { name: 'x', workspace: 'default', content: {} },
      member,
    ),
  ]

  expect(own.status).toBe(201)
  expect((seen.body['data'] as { name: string }[]).map(({ name }) => name)).toEqual(['own'])
  expect(refused.map(({ status }) => status)).toEqual([404, 404, 404, 404, 404])
})

function start(): Promise<RunningGateway> {
  return startGateway({
    adminKey,
    findMember: async ({ headers }): Promise<Caller | null> => {
      const workspace = headers['x-workspace']
      if (typeof workspace !== 'string') return null
      return { role: 'member', actor: 'ann', memberId: 'ann', workspaces: new Set([workspace]) }
    },
  })
}

async function send(
  gateway: RunningGateway,
  method: string,
  path: string,
  ...[body, headers = {}]: readonly [body?: object, headers?: Readonly<Record<string, string | undefined>>]
) {
  const { status, text } = await ask(gateway.url + path, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { ...usual, 'x-api-key': adminKey, ...headers },
  })
  return { status, text, body: JSON.parse(text) as Readonly<Record<string, unknown>> } // Always an object.
}
