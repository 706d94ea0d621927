import { parseConfig } from '@anthology/gateway'
import { expect, test } from 'vitest'

import schema from '../../gateway/anthology.schema.json' with { type: 'json' }
import { listEffectiveSettings } from '../src/effective-settings.ts'
import { chooseSettings } from '../src/settings.ts'

test('every setting has its default and says so, if there is neither file, flag nor variable', () => {
  const settings = list()

  expect(settings.filter(({ source }) => source !== 'default')).toEqual([])
  expect(find(settings, 'port').value).toBe(7171)
  expect(find(settings, 'store').value).toBe('SQLite in the data folder')
  expect(find(settings, 'upstreams').value).toEqual(['emulator: emulator'])
  expect(find(settings, 'retention.calls').value).toBe('forever')
  expect(find(settings, 'telemetry.otlp_endpoint').value).toBe('off')
})

test('every member of the configuration is a setting, besides the limits, which are listed apart', () => {
  const names = list().map(({ name }) => name.split('.')[0])

  expect(Object.keys(schema.properties).filter((name) => !names.includes(name))).toEqual(['limits'])
})

test('a value says whether the file, a flag or a variable has set it', () => {
  const settings = list({
    file: 'port: 1\nhost: 192.0.2.1\nretention: { calls: 31d }\nbudgets: [{ scope: organization, limit: "50", window: day }]\n',
    env: { ANTHOLOGY_PORT: '2', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' },
    values: { data: 'here' },
  })

  const shown = ['port', 'host', 'data', 'retention.calls', 'budgets', 'telemetry.otlp_endpoint'].map(
    (name) => {
      const { value, source, origin } = find(settings, name)
      return [name, name === 'data' ? 'here' : value, source, origin]
    },
  )
  expect(shown).toEqual([
    ['port', 2, 'environment', 'ANTHOLOGY_PORT'],
    ['host', '192.0.2.1', 'file', 'anthology.yaml'],
    ['data', 'here', 'flag', '--data'],
    ['retention.calls', '31d', 'file', 'anthology.yaml'],
    ['budgets', ['organization: 50 USD, day'], 'file', 'anthology.yaml'],
    ['telemetry.otlp_endpoint', 'http://127.0.0.1:4318', 'environment', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ])
})

test('upstreams are those of --live if it is given', () => {
  const settings = list({
    file: 'upstreams: [{ platform: bedrock, region: eu-central-1 }]\n',
    env: { ANTHROPIC_API_KEY: 'planted' },
    live: true,
  })

  expect(find(settings, 'upstreams')).toEqual({
    name: 'upstreams',
    value: ['anthropic: anthropic'],
    source: 'flag',
    origin: '--live',
  })
})

test('no secret of the file, of a flag or of the environment is among the settings', () => {
  const planted = (name: string) => `planted-${name}-0123456789`
  const url = (name: string) =>
    `https://${planted(name)}:${planted(name)}@${name}.example/${planted(name)}?k=${planted(name)}`
  const file = `
store_read: postgres://u:${planted('read')}@replica.example/a
upstreams:
  - { platform: anthropic, name: one, api_key: ${planted('key')}, base_url: '${url('base')}', proxy: '${url('proxy').replace(/(example).*/, '$1')}' }
  - { platform: bedrock, region: eu-central-1, access_key_id: ${planted('id')}, secret_access_key: ${planted('secret')} }
  - { platform: vertex, project: p, location: europe-west1, access_token: ${planted('token')} }
  - { platform: foundry, resource: r, entra: { client_secret: ${planted('entra')} } }
console: { url: 'https://c.example', oidc: { issuer: '${url('issuer')}', client_id: a, client_secret: ${planted('oidc')}, roles: { platform: admin } } }
telemetry: { otlp_endpoint: '${url('traces')}', otlp_headers: { authorization: ${planted('otlp')} } }
webhooks: [{ url: '${url('hook')}', secret: ${planted('hook')} }]
`
  const settings = list({
    file,
    env: {
      ANTHOLOGY_KEY: planted('gateway'),
      ANTHOLOGY_ADMIN_KEY: planted('admin'),
      ANTHOLOGY_ROOT_SECRET: planted('root'),
      ANTHOLOGY_STORE: `postgres://u:${planted('store')}@db.example/a?password=${planted('query')}`,
    },
  })

  expect(JSON.stringify(settings)).not.toContain('planted')
  expect(find(settings, 'store').value).toBe('postgres://db.example/a')
  expect(find(settings, 'webhooks').value).toEqual(['https://hook.example'])
  expect(find(settings, 'upstreams').value).toEqual([
    'one: anthropic',
    'bedrock: bedrock, eu-central-1',
    'vertex: vertex, europe-west1',
    'foundry: foundry',
  ])
  expect(find(settings, 'admin key')).toEqual({
    name: 'admin key',
    value: 'set, not shown',
    source: 'environment',
    origin: 'ANTHOLOGY_ADMIN_KEY',
  })
})

interface Given {
  readonly file?: string
  readonly env?: Readonly<Record<string, string>>
  readonly values?: Readonly<Record<string, string>>
  readonly live?: boolean
}

function list({ file, env = {}, values = {}, live = false }: Given = {}) {
  const config = file === undefined ? {} : parseConfig(file, 'anthology.yaml', env)
  const chosen = chooseSettings({ env }, values, config)
  return listEffectiveSettings(
    { env },
    {
      settings: {
        config,
        chosen,
        dataFolder: chosen.data.value,
        configFile: file === undefined ? null : 'anthology.yaml',
      },
      live,
      workers: 1,
    },
  )
}

function find(settings: ReturnType<typeof list>, name: string) {
  const found = settings.find((setting) => setting.name === name)
  if (found === undefined) throw new Error(`there is no setting ${name}`)
  return found
}
