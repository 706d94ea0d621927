import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { join } from 'node:path'

import { openStore, rerateCalls } from '@anthology/gateway'

import { getPriceTokens } from '../gateway/test/ledger/call-rows.ts'

interface ChangedServers {
  /** Where changes are made. */
  readonly url: string
  readonly dataFolder: string
  /** The address of a PostgreSQL store. */
  readonly store?: string
  /** Where they have to be in force: an address for each server, or one several times for its workers. */
  readonly targets: readonly string[]
}

/** The time from the answer of each change until it was in force at all targets, in milliseconds. */
export type ForceTimes = Readonly<Record<string, number>>

/**
 * Changes a key, a budget and a workspace by the admin API, each in every way, and prices of calls, and waits after each
 * change until calls at all targets show it.
 */
export async function measureChanges({
  url,
  dataFolder,
  store,
  targets,
}: ChangedServers): Promise<ForceTimes> {
  const adminKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  const times: Record<string, number> = {}
  const change = async (method: string, path: string, body?: object) => {
    const answer = await ask(`${url}/admin/v1${path}`, { method, key: adminKey, body })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.text}`)
    return JSON.parse(answer.text) as Readonly<Record<string, string>> // An object with text members.
  }
  const wait = async (name: string, key: string, expected: RegExp) => {
    const startMs = performance.now()
    await until(async () => {
      const answers = await Promise.all(targets.map((target) => callModel(target, key)))
      return answers.every((answer) => expected.test(answer))
    })
    times[name] = Math.round(performance.now() - startMs)
  }
  const answered = /^200 /
  const unknown = /^401 /

  await change('POST', '/workspaces', { name: 'red' })
  const { key = '' } = await change('POST', '/keys', { name: 'ci', workspace_id: 'red' })
  await wait('key created', key, answered)
  await change('PATCH', '/keys/ci', { models: ['claude-sonnet-4-5'] })
  await wait('key limited to another model', key, /^403 /)
  await change('PATCH', '/keys/ci', { models: null, rates: { requests_per_minute: 1 } })
  await wait('rate of the key set', key, /^429 .*rate_limit_error/s)
  await change('PATCH', '/keys/ci', { rates: null })
  await wait('rate of the key removed', key, answered)
  const { id } = await change('POST', '/budgets', {
    scope: 'workspace:red',
    limit: '0.000001',
    window: 'day',
  })
  await wait('budget created', key, /^429 .*workspace:red/s)
  await change('PATCH', '/workspaces/red', { name: 'blue' })
  await wait('workspace with a budget renamed', key, /^429 .*workspace:blue/s)
  await change('PATCH', `/budgets/${id}`, { raise: { to: '50', until: '2100-01-01' } })
  await wait('budget raised', key, answered)
  await change('PATCH', `/budgets/${id}`, { raise: null })
  await wait('raise ended', key, /^429 .*workspace:blue/s)
  await change('DELETE', `/budgets/${id}`)
  await wait('budget deleted', key, answered)
  const { key: rotated = '' } = await change('POST', '/keys/ci/rotate', { overlap_seconds: 0 })
  await wait('key rotated: the new secret', rotated, answered)
  await wait('key rotated: the one before', key, unknown)
  await change('DELETE', '/workspaces/blue')
  await wait('workspace archived', rotated, unknown)
  const { key: other = '' } = await change('POST', '/keys', { name: 'other' })
  await wait('another key created', other, answered)
  await change('DELETE', '/keys/other')
  await wait('key revoked', other, unknown)

  const { key: priced = '', id: pricedId = '' } = await change('POST', '/keys', { name: 'priced' })
  const pricedBudget = { scope: 'key:priced', limit: '0.000001', window: 'month' }
  const { id: pricedBudgetId } = await change('POST', '/budgets', pricedBudget)
  await wait('another budget created', priced, /^429 .*key:priced/s)
  // From now on all targets have a part of the budget that they do not use.
  await change('PATCH', `/budgets/${pricedBudgetId}`, { raise: { to: '1', until: '2100-01-01' } })
  await wait('another budget raised', priced, answered)
  const database = await openStore({ dataFolder, ...(store !== undefined && { store }) })
  const correct = async (nanoUsd: bigint) => {
    const priceCall = (call: Readonly<Record<string, unknown>>) =>
      call['key_id'] === pricedId ? { ...getPriceTokens(0n, 0n), lines: [], totalNanoUsd: nanoUsd } : null
    let corrected = 0
    await until(async () => {
      const result = await rerateCalls(database, { sinceMs: 0, priceCall, isDryRun: false, nowMs: Date.now })
      corrected += result.corrected
      return corrected > 0
    })
  }
  await correct(2_000_000_000n)
  await wait('price corrected: the budget is spent', priced, /^429 .*key:priced/s)
  await correct(1_000n)
  await wait('price corrected: the budget has room', priced, answered)
  await database.close()
  return times
}

/** Prints the times for people. They are no assertion: the machine may be busy with other work. */
export function printTimes(title: string, times: ForceTimes): void {
  const lines = Object.entries(times).map(([name, ms]) => `${String(ms).padStart(7)} ms  ${name}`)
  process.stdout.write(`${title}:\n${lines.join('\n')}\n`)
}

/** Every call has a connection of its own, so that the calls of one server reach all of its workers. */
const agent = new Agent({ keepAlive: false })

/** Returns the status and the body of a call. */
async function callModel(url: string, key: string): Promise<string> {
  const messages = [{ role: 'user', content: 'Hi' }]
  const body = { model: 'claude-haiku-4-5', max_tokens: 16, messages }
  const { status, text } = await ask(`${url}/v1/messages`, { method: 'POST', key, body })
  return `${status} ${text}`
}

interface Asking {
  readonly method: string
  readonly key: string
  readonly body?: object | undefined
}

function ask(url: string, { method, key, body }: Asking): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = {
      'x-api-key': key,
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
    }
    const sent = request(url, { agent, method, headers }, (response) => {
      let text = ''
      response
        .setEncoding('utf8')
        .on('data', (part: string) => (text += part))
        .on('end', () => resolve({ status: response.statusCode ?? 0, text }))
        .on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + maxWaitMs
  while (!(await isTrue())) {
    if (performance.now() > deadlineMs) throw new Error('the change was not in force after a minute')
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const maxWaitMs = 60_000
