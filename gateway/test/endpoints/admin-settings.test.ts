import { expect, test } from 'vitest'

import { createSecret } from '../../src/auth/secret-file.ts'
import { ask } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway, usual } from '../running-gateway.ts'
import type { LedgerRow, RunningGateway, StartOptions } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'

const adminKey = createSecret()
const dayMs = 86_400_000

test('the server states for how long it keeps calls and sums, and the times before which they are removed', async () => {
  const nowMs = () => Date.parse('2026-11-30T15:00:00Z')
  const limited = await startAdmin({ nowMs, retention: { calls: '31d', rollups: '90d' }, bodies: {} })
  const unlimited = await startAdmin()

  expect((await read(limited, '/server'))['retention']).toEqual({
    calls: { configured: '31d', days: 31, since: '2026-10-30T00:00:00.000Z' },
    rollups: { configured: '90d', days: 90, since: '2026-09-01T00:00:00.000Z' },
    bodies: { configured: '7d', days: 7, since: '2026-11-23T15:00:00.000Z' },
  })
  const forever = { configured: 'forever', days: null, since: null }
  expect((await read(unlimited, '/server'))['retention']).toEqual({
    calls: forever,
    rollups: forever,
    bodies: null,
  })
})

test('the check of the usage compares only calls that retention keeps', async () => {
  let nowMs = Date.now() - 40 * dayMs
  const upstream = await startUpstream(plain(message))
  const gateway = await startAdmin({
    upstreamUrl: upstream.url,
    nowMs: () => nowMs,
    retention: { calls: '31d' },
  })
  await gateway.post(callBody)
  nowMs = Date.now()
  await gateway.post(callBody)

  // The old call may be removed at any time.
  const isNew = ({ started_at_ms: startedAtMs, outcome }: LedgerRow) =>
    outcome !== null && Number(startedAtMs) > nowMs - dayMs
  await expect.poll(() => gateway.rows().filter(isNew).length).toBe(1)
  const since = new Date(nowMs - 60 * dayMs).toISOString()
  const whole = await read(gateway, `/usage/check?since=${since}`)
  const kept = await read(gateway, `/usage/check?since=${new Date(nowMs - dayMs).toISOString()}`)

  const start = new Date(Math.floor((nowMs - 31 * dayMs) / dayMs) * dayMs).toISOString()
  expect(whole).toMatchObject({ rows: 1, since: start, complete: false })
  expect(whole['cost_usd']).toBe(whole['usage_usd'])
  expect(kept).toMatchObject({ rows: 1, complete: true })
})

test('the settings contain no secret, wherever a configuration has one', async () => {
  const url = (name: string) =>
    `https://user-${secret(name)}:${secret(name)}@${name}.example/?key=${secret(name)}#${secret(name)}`
  const gateway = await startAdmin({
    console: {
      config: {
        store: `postgres://anthology:${secret('store')}@db.example/anthology?password=${secret('store')}`,
        // A slash that is not encoded: no part of this URL is known.
        store_read: `postgres://anthology:${secret('slash')}/@replica.example/anthology`,
        upstreams: [
          { platform: 'anthropic', api_key: secret('api-key'), base_url: url('base'), proxy: url('proxy') },
          { platform: 'anthropic', auth_token: secret('auth-token') },
          { platform: 'anthropic', federation: { rule_id: 'rule', identity_token: secret('identity') } },
          { platform: 'bedrock', region: 'eu-central-1', bearer_token: secret('bearer') },
          { platform: 'bedrock', access_key_id: secret('access'), secret_access_key: secret('secret') },
          { platform: 'bedrock', session_token: secret('session') },
          { platform: 'vertex', access_token: secret('vertex') },
          { platform: 'foundry', entra: { client_secret: secret('entra') } },
        ],
        console: { url: url('console'), oidc: { issuer: url('issuer'), client_secret: secret('oidc') } },
        telemetry: { otlp_endpoint: url('traces'), otlp_headers: { authorization: secret('otlp') } },
        webhooks: [
          { url: `https://hooks.example/services/${secret('path')}`, secret: secret('webhook') },
          { url: url('hook'), secret: secret('webhook') },
        ],
      },
      settings: [{ name: 'store', value: url('value'), source: 'flag', origin: '--store' }],
    },
  })

  const { text } = await ask(`${gateway.url}/admin/v1/settings`, { headers: { 'x-api-key': adminKey } })

  expect(text.match(/planted[a-z-]*/g)).toBe(null)
  expect(JSON.parse(text)).toMatchObject({
    configuration: {
      store: 'postgres://db.example/anthology',
      store_read: 'set, not shown',
      webhooks: [
        { url: 'https://hooks.example', secret: 'set, not shown' },
        { url: 'https://hook.example', secret: 'set, not shown' },
      ],
    },
    settings: [{ name: 'store', value: 'https://value.example/', source: 'flag', origin: '--store' }],
  })
})

function secret(name: string): string {
  return `planted-${name}`
}

function startAdmin(options: StartOptions = {}): Promise<RunningGateway> {
  return startGateway({ adminKey, ...options })
}

async function read(gateway: RunningGateway, path: string): Promise<Readonly<Record<string, unknown>>> {
  const { text } = await ask(`${gateway.url}/admin/v1${path}`, {
    headers: { ...usual, 'x-api-key': adminKey },
  })
  return JSON.parse(text) as Record<string, unknown>
}
