import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createAccount, createGateway, defaultLimits, openDatabase } from '@anthology/gateway'

import { waitForLedger } from '../../gateway/test/running-gateway.ts'
import { createRandom, startFailingUpstream } from './failover-upstream.ts'
import { post } from './fault-clients.ts'

const key = 'sk-anthology-key-of-the-failover-load'

export interface LoadReport {
  readonly streams: number
  /** Streams that ended with `message_stop`. */
  readonly whole: number
  /** Streams and responses that ended with an error of the protocol. */
  readonly errors: number
  /** Anything else. */
  readonly broken: number
  /** Rows of answered calls, and the answers that the upstreams have sent to the end. */
  readonly answeredRows: number
  readonly answeredUpstream: number
  /** Rows with estimated or cut usage, and the prompts that the upstreams had read without answering. */
  readonly cutRows: number
  readonly cutUpstream: number
  /** The ledger's sum of what was answered, and what the upstreams report. */
  readonly ledgerTokens: number
  readonly upstreamTokens: number
}

/** Sends streams over three upstreams, of which one fails at random in every way, late failures rarely. */
export async function runFailoverLoad(streams: number, seed: number): Promise<LoadReport> {
  const upstreams = await Promise.all([
    startFailingUpstream('first', { random: createRandom(seed), share: 0.3, lateShare: 0.004 }),
    startFailingUpstream('second', { random: () => 1, share: 0, lateShare: 0 }),
    startFailingUpstream('third', { random: () => 1, share: 0, lateShare: 0 }),
  ])
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-failover-'))
  const accounts = upstreams.map(({ url }, at) =>
    createAccount(
      { platform: 'anthropic', name: `number-${at}`, base_url: url, api_key: 'a-key-of-the-upstream' },
      defaultLimits,
    ),
  )
  const gateway = await createGateway({
    accounts,
    dataFolder,
    keys: [{ id: 'key_local', name: 'local', secret: key }],
    // An open circuit would keep the calls away from the failing upstream.
    routing: { groups: [accounts.map(({ name }) => name)], circuit: { failures: 1_000_000 } },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const counts = { whole: 0, errors: 0, broken: 0 }
  let next = 0
  const client = async (): Promise<void> => {
    for (let call = next++; call < streams; call = next++) counts[await sendStream(url, call)] += 1
  }
  await Promise.all(Array.from({ length: maxRunning }, client))
  await gateway.close()
  const rows = readRows(dataFolder)
  await Promise.all(upstreams.map((upstream) => upstream.close()))
  rmSync(dataFolder, { recursive: true })
  const answered = rows.filter(({ outcome }) => outcome === 'answered')
  const answeredUpstream = upstreams.reduce((sum, upstream) => sum + upstream.answered.length, 0)
  return {
    streams,
    ...counts,
    answeredRows: answered.length,
    answeredUpstream,
    cutRows: rows.filter(({ outcome, usage }) => outcome !== 'answered' && usage !== null).length,
    cutUpstream: upstreams.reduce((sum, upstream) => sum + upstream.begun.length, 0),
    ledgerTokens: answered.reduce((sum, { tokens }) => sum + tokens, 0),
    upstreamTokens: answeredUpstream * tokensPerAnswer,
  }
}

const maxRunning = 32

/** 25 of input and 15 of output. */
const tokensPerAnswer = 40

async function sendStream(url: string, call: number): Promise<'whole' | 'errors' | 'broken'> {
  const body = JSON.stringify({
    model: 'claude-opus-4-1',
    max_tokens: 100,
    stream: true,
    messages: [{ role: 'user', content: `call=${call}` }],
  })
  const headers = {
    'x-api-key': key,
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  }
  try {
    const { status, body: answer } = await post(`${url}/v1/messages`, body, headers)
    const text = answer.toString()
    if (status !== 200) return text.startsWith('{"type":"error"') ? 'errors' : 'broken'
    const last = text.trimEnd().split('\n\n').at(-1) ?? ''
    if (last.startsWith('event: error')) return 'errors'
    return last.startsWith('event: message_stop') ? 'whole' : 'broken'
  } catch {
    return 'broken'
  }
}

interface CountedRow {
  readonly outcome: string
  readonly usage: string | null
  readonly tokens: number
}

function readRows(dataFolder: string): readonly CountedRow[] {
  waitForLedger(dataFolder)
  const database = openDatabase(dataFolder)
  const rows = database.prepare('SELECT outcome, usage FROM calls').all()
  database.close()
  return rows.map(({ outcome, usage }) => {
    // The usage that the upstreams of this file report.
    const { input_tokens: input, output_tokens: output } = JSON.parse(String(usage ?? '{}')) as {
      input_tokens?: number
      output_tokens?: number
    }
    return {
      outcome: String(outcome),
      usage: usage === null ? null : String(usage),
      tokens: (input ?? 0) + (output ?? 0),
    }
  })
}
