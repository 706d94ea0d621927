import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { rollupSpans } from '../gateway/src/ledger/rollup.ts'
import { openStore } from '../gateway/src/store/open-store.ts'
import { pause, startChild } from './child.ts'
import { readTarget } from './ledger-target.ts'
import { readCpuMicroseconds } from './meter.ts'

// Measures the requests of the console's pages at a server whose ledger fill-ledger.ts has made:
//   node bench/console-times.ts DIR|postgres://... [PAGE]
// With PAGE only those whose name contains it.
// The CPU time is that of the server and of PostgreSQL, the mean of the rounds after the first; its clock has hundredths
// of a second.

const rounds = 5
const adminKey = 'sk-anthology-admin-bench'

const [target, wanted = ''] = process.argv.slice(2)
if (target === undefined) throw new Error('usage: node bench/console-times.ts DIR|postgres://... [PAGE]')

const folder = mkdtempSync(join(tmpdir(), 'anthology-console-times-'))
const location = readTarget(target, join(folder, 'data'))
const binary = join(import.meta.dirname, '../cli/bin/anthology.js')
const args = ['serve', '--port', '0', '--data', location.dataFolder, '--json', '--quiet', '--workers', '1']
const server = await startChild({
  name: 'anthology',
  file: process.execPath,
  args: [binary, ...args, ...(location.store === undefined ? [] : ['--store', location.store])],
  folder,
  env: { ANTHOLOGY_ADMIN_KEY: adminKey },
})
const { url } = JSON.parse(server.firstLine) as { readonly url: string } // Printed by `serve --json`.
const database = await openStore(location)
await addBudgets()
await pause(2_000)

const dayMs = rollupSpans.day
const untilMs = Math.ceil(Date.now() / rollupSpans.hour) * rollupSpans.hour
const period = (days: number) =>
  `since=${new Date(untilMs - days * dayMs).toISOString()}&until=${new Date(untilMs).toISOString()}`
const usage = (days: number, rest: string) => `usage?${period(days)}&${rest}`
const callId = (await ask<Listed>('calls?limit=1')).data[0]?.id ?? ''
const sessionId = (await ask<Listed>('sessions')).data[0]?.id ?? ''
const earlyCalls = `calls?limit=1&until=${new Date(untilMs - 80 * dayMs).toISOString()}`
const oldSessionId = (await ask<Listed>(earlyCalls)).data[0]?.session_id ?? ''
const budgetId = (await ask<Listed>('budgets')).data[0]?.id ?? ''

const requests: readonly (readonly [page: string, path: string])[] = [
  ['start', 'calls?limit=5'],
  ['usage, 30 days', usage(30, 'by=model&top=500')],
  ['usage, 30 days, chart', usage(30, 'by=model&by=day&top=7&limit=5000')],
  ['usage, check', `usage/check?${period(30)}`],
  ['usage by key, 30 days', usage(30, 'by=key&top=500')],
  ['usage by key, 30 days, chart', usage(30, 'by=key&by=day&top=7&limit=5000')],
  ['usage by key, 90 days, chart', usage(90, 'by=key&by=day&top=7&limit=5000')],
  ['usage by key, a year, chart', usage(365, 'by=key&by=day&top=7&limit=5000')],
  ['the same in Berlin', usage(365, 'by=key&by=day&top=7&limit=5000&timezone=Europe/Berlin')],
  [
    'usage by key, 30 days in Kolkata, chart',
    usage(30, 'by=key&by=day&top=7&limit=5000&timezone=Asia/Kolkata'),
  ],
  [
    'usage by model, a week of hours in Kolkata, chart',
    usage(7, 'by=model&by=hour&top=7&limit=5000&timezone=Asia/Kolkata'),
  ],
  ['usage by key, a week of hours, chart', usage(7, 'by=key&by=hour&top=7&limit=5000')],
  ['usage by member, 90 days, chart', usage(90, 'by=member&by=day&top=7&limit=5000')],
  ['usage by label, 90 days, chart', usage(90, 'by=label:project&by=day&top=7&limit=5000')],
  ['usage by key and model, 90 days', usage(90, 'by=key&by=model&top=24&limit=5000')],
  ['usage of a key by model, 90 days', usage(90, 'by=model&key=key_250&top=500')],
  ['a page of a report by day and key, 90 days', usage(90, 'by=day&by=key&limit=1000')],
  ['the largest page of it', usage(90, 'by=day&by=key&limit=5000')],
  ['calls', 'calls?limit=100'],
  ...[
    'model=claude-opus-4-1-20250805',
    'key=key_299',
    'workspace=wrk_3',
    'member=mbr_7',
    'protocol=messages',
    'upstream=vertex-eu',
    'platform=bedrock',
    'outcome=failed',
    'outcome=client_closed',
    'status=529',
    'stop_reason=end_turn',
    'error_type=overloaded_error',
    `session=${oldSessionId}`,
    'label=project%3Dproject-3',
    'id=msg_none',
    'min_cost_usd=1',
    'max_cost_usd=0.001',
    'min_tokens=70000',
    'cache=miss',
    'key=key_250&outcome=client_closed',
    'key=key_unknown',
    `since=${new Date(untilMs - 60 * dayMs).toISOString()}&until=${new Date(untilMs - 59 * dayMs).toISOString()}`,
  ].map((filter) => [`calls, ${filter.slice(0, 40)}`, `calls?limit=100&${filter}`] as const),
  ['one call', `calls/${callId}`],
  ['sessions', 'sessions'],
  ['one session', `sessions/${sessionId}`],
  ['cache doctor', `sessions/${sessionId}/cache`],
  ['an old session', `sessions/${oldSessionId}`],
  ['cache doctor of an old session', `sessions/${oldSessionId}/cache`],
  ['budgets', 'budgets?limit=200'],
  ['budget with forecast', `budgets/${budgetId}/spending`],
  ['keys', 'keys?limit=100'],
  ['costs of keys', usage(30, 'by=key&top=500')],
  ['costs of workspaces', usage(30, 'by=workspace&top=500')],
  ['costs of members', usage(30, 'by=member&top=500')],
  ['workspaces', 'workspaces?limit=200'],
  ['members', 'members?limit=200'],
  ['upstreams', 'upstreams'],
  ['routing', 'routing'],
  ['prompts', 'prompts?limit=200'],
  ['audit', 'audit?limit=100'],
  ['settings', 'settings'],
]
for (const [page, path] of requests) await measure(page, `/admin/v1/${path}`)
const startOfReport = new Date(Math.floor(Date.now() / dayMs - 31) * dayMs).toISOString()
const grouping = ['api_key_id', 'workspace_id', 'model'].map((name) => `group_by[]=${name}`).join('&')
for (const [width, limit] of [
  ['1d', 31],
  ['1h', 168],
  ['1m', 1_440],
] as const)
  await measure(
    `Anthropic's usage report, ${limit} buckets of ${width}`,
    `/v1/organizations/usage_report/messages?starting_at=${startOfReport}&bucket_width=${width}&limit=${limit}&${grouping}`,
  )
await database.close()
await server.stop()
rmSync(folder, { recursive: true })

interface Listed {
  readonly data: readonly { readonly id: string; readonly session_id?: string }[]
}

/** Budgets of a workspace and of all, if the ledger has none yet. */
async function addBudgets(): Promise<void> {
  if ((await ask<Listed>('budgets')).data.length > 0) return
  await fetch(`${url}/admin/v1/budgets`, {
    method: 'POST',
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
    body: JSON.stringify({ scope: 'organization', limit: '1000000', window: 'month', action: 'warn' }),
  })
}

async function ask<Answer>(path: string): Promise<Answer> {
  const response = await fetch(`${url}/admin/v1/${path}`, { headers: { 'x-api-key': adminKey } })
  return (await response.json()) as Answer // The admin API's schema.
}

async function measure(page: string, path: string): Promise<void> {
  if (!page.includes(wanted)) return
  const times: number[] = []
  let bytes = 0
  let status = 0
  let cpuBefore = 0
  for (let round = -1; round < rounds; round += 1) {
    if (round === 0) cpuBefore = await readCpuMs()
    const beganMs = performance.now()
    const response = await fetch(url + path, { headers: { 'x-api-key': adminKey } })
    bytes = (await response.arrayBuffer()).byteLength
    status = response.status
    times.push(performance.now() - beganMs)
  }
  const cpuMs = ((await readCpuMs()) - cpuBefore) / rounds
  const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)]!
  const figures = `${median.toFixed(0).padStart(6)} ms ${cpuMs.toFixed(0).padStart(5)} ms of CPU`
  process.stdout.write(
    `${page.padEnd(56)} ${figures} ${(bytes / 1_024).toFixed(0).padStart(6)} KB  ${status}\n`,
  )
}

/** Of the server, and of PostgreSQL's processes that serve it. */
async function readCpuMs(): Promise<number> {
  const rows =
    database.dialect === 'sqlite'
      ? []
      : await database.query(
          "SELECT pid FROM pg_stat_activity WHERE application_name = 'anthology' AND datname = current_database()",
        )
  return (await readCpuMicroseconds([server.pid, ...rows.map((row) => Number(row['pid']))])) / 1_000
}
