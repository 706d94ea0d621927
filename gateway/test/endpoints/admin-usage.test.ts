import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import type { Caller } from '../../src/auth/caller.ts'
import { ask } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

const adminKey = createSecret()

test('a call appears in the report, in the list and by its id, with the same cost', async () => {
  const gateway = await startWithCalls(2)

  const usage = await read(gateway, 'usage?by=model,day')
  const first = await read(gateway, 'calls?limit=1')
  const second = await read(gateway, `calls?limit=1&after=${encodeURIComponent(String(first.next))}`)
  const [call] = first.data
  const one = await read(gateway, `calls/${String(call?.['id'])}`)

  expect(usage.total).toMatchObject({ calls: 2 })
  expect(usage.data).toMatchObject([{ calls: 2, outcomes: { answered: 2 } }])
  expect(usage.data[0]?.['day']).toBe(new Date().toISOString().slice(0, 10))
  expect(second.next).toBe(null)
  expect(second.data[0]?.['id']).not.toBe(call?.['id'])
  expect(one.data).toEqual([call])
  expect(call).toMatchObject({ outcome: 'answered', workspace: 'default', usage_source: 'final' })
})

test('a member sees only own calls, and a viewer only those of the workspaces that are open to them', async () => {
  const gateway = await startWithCalls(1)

  for (const path of ['usage', 'calls']) {
    expect((await read(gateway, path, 'admin')).data).toHaveLength(1)
    expect((await read(gateway, path, 'viewer')).data).toHaveLength(1)
    expect((await read(gateway, path, 'stranger')).data).toHaveLength(0)
    expect((await read(gateway, path, 'member')).data).toHaveLength(0)
    expect((await read(gateway, `${path}?member=another`, 'member')).data).toHaveLength(0)
  }
})

test.each([
  ['usage?by=colour', 'by: must be one or two of model'],
  ['usage?by=day,day', 'by: must be one or two of model'],
  ['usage?tz=Berlin', 'tz: must be an IANA time zone such as Europe/Berlin'],
  ['usage?since=yesterday', 'since: must be a day such as 2026-11-01, or a time in RFC 3339'],
  ['usage?since=2026-11-02&until=2026-11-01', 'until: must be later than since'],
  ['calls?after=nowhere', 'after: must be the `next` of a page of this list'],
  ['calls?label=apollo', 'label: must be NAME=VALUE'],
])('%s is refused', async (path, detail) => {
  const gateway = await startWithCalls(0)

  const answer = await ask(`${gateway.url}/admin/v1/${path}`, {
    headers: { ...usual, 'x-api-key': adminKey },
  })

  expect(answer.status).toBe(400)
  expect(answer.text).toContain(detail)
})

const callers: Readonly<Record<string, Caller>> = {
  admin: { role: 'admin', actor: 'one', memberId: null, workspaces: null },
  viewer: { role: 'viewer', actor: 'two', memberId: 'mbr_2', workspaces: new Set(['default']) },
  stranger: { role: 'viewer', actor: 'three', memberId: 'mbr_3', workspaces: new Set(['other']) },
  member: { role: 'member', actor: 'four', memberId: 'mbr_4', workspaces: new Set(['default']) },
}

async function startWithCalls(count: number): Promise<RunningGateway> {
  const upstream = await startUpstream(plain(message))
  const findMember = async ({ headers }: { readonly headers: Readonly<Record<string, unknown>> }) =>
    callers[String(headers['x-caller'])] ?? null
  const gateway = await startGateway({ adminKey, findMember, upstreamUrl: upstream.url })
  for (let made = 0; made < count; made += 1) expect((await gateway.post(callBody)).status).toBe(200)
  await expect.poll(() => gateway.rows().length).toBe(count)
  return gateway
}

interface Read {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next?: string | null
  readonly total?: unknown
}

async function read(gateway: RunningGateway, path: string, caller?: string): Promise<Read> {
  const own =
    caller === undefined ? { 'x-api-key': adminKey } : { 'x-api-key': undefined, 'x-caller': caller }
  const answer = await ask(`${gateway.url}/admin/v1/${path}`, { headers: { ...usual, ...own } })
  expect(answer.status, answer.text).toBe(200)
  return JSON.parse(answer.text) as Read // The schema of the route is tested with all others.
}
