import { renameSync } from 'node:fs'

import { createEmulator } from '@anthology/emulator'
import { expect, onTestFinished, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { callBody } from '../samples.ts'

const adminKey = createSecret()

interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

test('calls are listed page by page, found by their values, and shown one by one', async () => {
  const gateway = await start()
  for (const session of ['one', 'one', 'two']) await call(gateway, session)
  gateway.rows()

  const first = await get<Page>(gateway, 'calls?limit=2')
  const second = await get<Page>(gateway, `calls?limit=2&after=${first.next}`)
  const ofSession = await get<Page>(gateway, 'calls?session=two&outcome=answered&min_tokens=1')
  const small = await get<Page>(gateway, 'calls?max_tokens=1')
  const failed = await get<Page>(gateway, 'calls?outcome=failed')
  const counts = await Promise.all(
    ['', '?session=one', '?outcome=failed'].map((query) => get(gateway, `calls/count${query}`)),
  )
  const one = await get<{ call: unknown }>(gateway, `calls/${String(second.data[0]?.['id'])}`)

  const listed = [...first.data, ...second.data]
  expect(listed.map((row) => row['session_id'])).toEqual(['two', 'one', 'one'])
  expect(counts).toEqual([3, 2, 0].map((count) => ({ count, complete: true })))
  expect([first.next, second.next]).toEqual([expect.any(String), null])
  expect(ofSession.data).toMatchObject([{ id: first.data[0]?.['id'] }])
  expect([small, failed]).toEqual([
    { data: [], next: null, looked_back_to: null },
    { data: [], next: null, looked_back_to: null },
  ])
  expect(one.call).toMatchObject({ id: second.data[0]?.['id'], outcome: 'answered' })
})

test('an export has every call of a filter over all pages, and no cell that a spreadsheet runs', async () => {
  const gateway = await start()
  const calls = 505
  for (let sent = 0; sent < calls; sent += 101)
    await Promise.all(Array.from({ length: 101 }, () => call(gateway, '=HYPERLINK("http://x")')))
  await call(gateway, 'other')
  gateway.rows()

  const filter = `session=${encodeURIComponent('=HYPERLINK("http://x")')}`
  const counted = await get(gateway, `calls/count?${filter}`)
  const answer = await ask(`${gateway.url}/admin/v1/calls/csv?${filter}`, { headers })
  const other = await ask(`${gateway.url}/admin/v1/calls/csv?session=other`, { headers })

  const [names = '', ...lines] = answer.text.split('\r\n')
  expect(names.split(',')).toEqual(expect.arrayContaining(['id', 'cost_usd', 'cache_read', 'output']))
  expect(counted).toEqual({ count: calls, complete: true })
  expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(calls + 1)
  expect(lines.at(-1)).toBe('')
  expect(lines[0]).toContain(`"'=HYPERLINK(""http://x"")"`)
  expect(answer.headers['content-type']).toBe('text/csv; charset=utf-8')
  expect(other.text.split('\r\n')).toHaveLength(3)
})

test('sessions and usage have the sums of the calls', async () => {
  const gateway = await start()
  for (const session of ['one', 'one', 'two']) await call(gateway, session)
  gateway.rows()

  const sessions = await get<Page>(gateway, 'sessions')
  const first = await get<Page>(gateway, 'sessions?limit=1')
  const second = await get<Page>(gateway, `sessions?limit=1&after=${first.next}`)
  const ofOne = await get<Page>(gateway, 'sessions/one')
  const usage = await get<Page & { total: object }>(gateway, 'usage?by=model')

  expect(sessions.data).toMatchObject([
    { id: 'two', calls: 1 },
    { id: 'one', calls: 2, input_tokens: expect.any(Number) },
  ])
  expect(sessions.data[1]).toMatchObject({ output_tokens: 2 * Number(sessions.data[0]?.['output_tokens']) })
  expect([sessions.next, first.data, second]).toEqual([
    null,
    sessions.data.slice(0, 1),
    { data: sessions.data.slice(1), next: null },
  ])
  expect(ofOne.data.map((row) => row['session_id'])).toEqual(['one', 'one'])
  expect(usage).toMatchObject({ data: [{ calls: 3 }], total: { calls: 3 } })
})

test('while the database is gone, reports get 503 and an error that says so', async () => {
  const gateway = await start()
  await get(gateway, 'usage')
  const moved = `${gateway.dataFolder}-moved`
  renameSync(gateway.dataFolder, moved)
  onTestFinished(() => renameSync(moved, gateway.dataFolder))

  const answer = await ask(`${gateway.url}/admin/v1/usage`, { headers })

  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toMatchObject({
    code: 'ledger_unavailable',
    detail: expect.stringContaining('anthology.sqlite cannot be read'),
  })
})

const headers = { ...usual, 'x-api-key': adminKey }

function start(): Promise<RunningGateway> {
  const emulator = createEmulator({ seed: 'calls', keepRequests: false, tokensPerSecond: 0 })
  const account = { name: 'claude', platform: 'anthropic', upstream: emulator, secrets: [] } as const
  return startGateway({ adminKey, accounts: [account] })
}

async function call(gateway: RunningGateway, session: string): Promise<void> {
  const answer = await gateway.post(callBody, { headers: { 'x-claude-code-session-id': session } })
  expect(answer.status).toBe(200)
}

async function get<Body = unknown>(gateway: RunningGateway, path: string): Promise<Body> {
  const answer = await ask(`${gateway.url}/admin/v1/${path}`, { headers })
  expect([path, answer.status]).toEqual([path, 200])
  return JSON.parse(answer.text) as Body // The tests check its members.
}
