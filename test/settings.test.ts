import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, onTestFinished, test } from 'vitest'

import { startServer } from './anthology-process.ts'

test('a server of several processes shows what it runs with and the source of each setting, and no secret', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'anthology-settings-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeFileSync(
    join(folder, 'anthology.yaml'),
    `upstreams:
  - { platform: anthropic, name: one, api_key: sk-ant-planted, base_url: 'http://127.0.0.1:9/?k=planted' }
  - { platform: bedrock, region: eu-central-1, access_key_id: AKIAplanted, secret_access_key: planted }
retention: { calls: 31d }
webhooks: [{ url: 'https://hooks.example/planted', secret: planted-secret-of-the-hook }]
console: { oidc: { issuer: 'https://login.example', client_id: a, client_secret: planted, roles: { all: admin } } }
`,
  )
  const server = await startServer(folder, ['--workers', '2'])
  onTestFinished(() => server.close())
  const adminKey = readFileSync(join(folder, 'admin-key'), 'utf8').trim()

  const answer = await fetch(`${server.url}/admin/v1/settings`, { headers: { 'x-api-key': adminKey } })

  const text = await answer.text()
  expect(text).not.toContain('planted')
  for (const secret of [server.key, adminKey]) expect(text).not.toContain(secret)
  const { settings } = JSON.parse(text) as { settings: { name: string }[] } // As the API document says.
  const names = ['port', 'host', 'data', 'workers', 'upstreams', 'retention.calls', 'retention.rollups']
  expect(settings.filter(({ name }) => names.includes(name))).toEqual([
    { name: 'port', value: 0, source: 'flag', origin: '--port' },
    { name: 'host', value: '127.0.0.1', source: 'default', origin: null },
    { name: 'data', value: folder, source: 'flag', origin: '--data' },
    { name: 'workers', value: 2, source: 'flag', origin: '--workers' },
    {
      name: 'upstreams',
      value: ['one: anthropic', 'bedrock: bedrock, eu-central-1'],
      source: 'file',
      origin: 'anthology.yaml',
    },
    { name: 'retention.calls', value: '31d', source: 'file', origin: 'anthology.yaml' },
    { name: 'retention.rollups', value: 'forever', source: 'default', origin: null },
  ])
})
