import type { UpstreamConfig } from '@anthology/gateway'
import { expect, test } from 'vitest'

import { greet } from '../src/greeting.ts'
import { readSettings } from '../src/settings.ts'
import { temporaryFolder } from './temporary-folder.ts'

const facts = {
  url: 'http://127.0.0.1:7171',
  key: 'k',
  console: 'http://127.0.0.1:7171/console/#sign-in=x',
  upstream: 'first',
  data: '/data',
  workers: 1,
}

const claude: UpstreamConfig = { platform: 'anthropic', name: 'claude', api_key: 'k' }
const local: UpstreamConfig = {
  platform: 'anthropic',
  name: 'local',
  base_url: 'http://127.0.0.1:8080',
  models: { '*': 'qwen' },
  price: 'free',
}
const bedrock: UpstreamConfig = { platform: 'bedrock', region: 'us-east-1' }
const emulator: UpstreamConfig = { platform: 'emulator' }

test.each([
  [[emulator], 'the offline emulator: no account, no cost, no network'],
  [[claude], 'upstream claude; calls cost money'],
  [[claude, bedrock, local], 'upstreams claude, bedrock, local; calls cost money'],
  [[emulator, claude], 'upstreams emulator, claude; calls cost money'],
  [[local], 'upstream local; calls cost nothing'],
  [
    Array.from({ length: 8 }, (_, at) => ({ ...claude, name: `u${at}` })),
    'upstreams u0, u1, u2, u3, u4, u5 and 2 more; calls cost money',
  ],
])('says which upstreams answer, and whether they cost money (%#)', (upstreams, expected) => {
  expect(greetWith({}, { upstreams })).toContain(`  answers  ${expected}`)
})

test.each([
  [{}, 'anthology usage'],
  [{ data: 'my data' }, "my data/anthology.sqlite; read it with: npx --no anthology usage --data 'my data'"],
  [
    { store: 'postgres://ann:secret@db.example/ledger?sslmode=require&password=other' },
    "postgres://db.example/ledger; read it with: npx --no anthology usage --store 'postgres://ann@db.example/ledger?sslmode=require'",
  ],
  [
    { store: 'postgres://ann:secret@/ledger?host=/var/run/postgresql&password=other' },
    "the PostgreSQL store; read it with: npx --no anthology usage --store 'postgres://ann@/ledger?host=/var/run/postgresql'",
  ],
])('says where the ledger is, and how another command finds it (%#)', (values, expected) => {
  const [ledger = '', ...more] = greetWith(values).filter((line) => line.startsWith('  ledger'))

  expect(ledger.endsWith(expected)).toBe(true)
  expect(more).toEqual([])
})

test('the advised commands of an address without a key lead to the same store', () => {
  const lines = greetWith({ data: 'd' }, { key: null, console: null })

  expect(lines.filter((line) => line.includes('npx --no anthology'))).toEqual([
    '  key      not shown on this address; create one with: npx --no anthology keys create --data d',
    '  ledger   d/anthology.sqlite; read it with: npx --no anthology usage --data d',
    '  console  sign in at http://127.0.0.1:7171/console/ with a link from: npx --no anthology console --data d',
    'KEY=$(npx --no anthology keys create --data d)',
  ])
})

function greetWith(
  values: Readonly<Record<string, string>>,
  {
    upstreams = [emulator],
    ...changed
  }: Partial<typeof facts | { key: null; console: null }> & { upstreams?: readonly UpstreamConfig[] } = {},
): readonly string[] {
  const context = { cwd: temporaryFolder(), env: {}, color: false }
  const settings = readSettings(context, values, 'all')
  return greet(context, {
    settings,
    recording: null,
    facts: { ...facts, ...changed },
    upstreams,
    server: { abandonedCalls: 0 },
  })
}
