import { DatabaseSync } from 'node:sqlite'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway, usual } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

const adminKey = createSecret()

test('the list of keys has the last use of each: the call among the latest ones, else its hour', async () => {
  const upstream = await startUpstream(plain(message))
  let nowMs = Date.parse('2026-11-30T10:20:30.456Z')
  const gateway = await startGateway({ adminKey, upstreamUrl: upstream.url, nowMs: () => nowMs })
  const create = (name: string) =>
    askAdmin<{ readonly key: string }>('/keys', { method: 'POST', body: JSON.stringify({ name }) })
  const keys = [await create('early'), await create('late'), await create('unused')]
  const call = async (at: number) => {
    const headers = { 'x-api-key': keys[at]?.key }
    await expect.poll(async () => (await gateway.post(callBody, { headers })).status).toBe(200)
  }
  await call(0)
  nowMs = Date.parse('2026-11-30T13:45:00.789Z')
  await call(1)
  await expect.poll(() => gateway.rows().length).toBe(2)

  const whole = await list()
  // As if many calls had followed, and retention had removed the first one.
  const database = new DatabaseSync(join(gateway.dataFolder, 'anthology.sqlite'))
  database.exec("DELETE FROM calls WHERE started_at_ms < unixepoch('2026-11-30T12:00:00') * 1000")
  database.close()
  const cut = await list()

  const late = { at: '2026-11-30T13:45:00.789Z', within_hour: false }
  expect(whole).toEqual({
    early: { at: '2026-11-30T10:20:30.456Z', within_hour: false },
    late,
    unused: null,
  })
  expect(cut).toEqual({ early: { at: '2026-11-30T10:00:00.000Z', within_hour: true }, late, unused: null })

  async function list() {
    const { data } = await askAdmin<{ readonly data: readonly { name: string; last_use: unknown }[] }>(
      '/keys',
    )
    return Object.fromEntries(data.map(({ name, last_use: use }) => [name, use]))
  }

  async function askAdmin<Answer>(path: string, asking: { method?: string; body?: string } = {}) {
    const headers = { ...usual, 'x-api-key': adminKey }
    const { text } = await ask(`${gateway.url}/admin/v1${path}`, { ...asking, headers })
    return JSON.parse(text) as Answer
  }
})
