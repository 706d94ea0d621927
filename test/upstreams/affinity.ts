import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import { createGateway, openDatabase } from '@anthology/gateway'

import { waitForLedger } from '../../gateway/test/running-gateway.ts'
import { post } from './fault-clients.ts'

const key = 'sk-anthology-key-of-the-conversations'
const model = 'claude-opus-4-1-20250805'

export interface AffinityReport {
  readonly conversations: number
  readonly upstreams: number
  /** The share of the input tokens that was read from a prompt cache. */
  readonly hitShare: number
  /** Conversations that more than one upstream has answered. */
  readonly moved: number
  /** The share of the calls of the least used upstream. */
  readonly minShare: number
}

/** Holds conversations of three turns, each with a cached prompt of its own, over emulators with prompt caches. */
export async function runConversations(conversations: number, upstreams: number): Promise<AffinityReport> {
  const emulators = Array.from({ length: upstreams }, (_, at) => createEmulator({ seed: `upstream ${at}` }))
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-affinity-'))
  const accounts = emulators.map((emulator, at) => ({
    name: `number-${at}`,
    platform: 'anthropic' as const,
    upstream: emulator,
    secrets: [],
  }))
  const gateway = await createGateway({
    accounts,
    dataFolder,
    keys: [{ id: 'key_local', name: 'local', secret: key }],
    routing: { groups: [accounts.map(({ name }) => name)] },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  let next = 0
  const client = async (): Promise<void> => {
    for (let at = next++; at < conversations; at = next++) await converse(url, at)
  }
  await Promise.all(Array.from({ length: maxRunning }, client))
  await gateway.close()
  for (const emulator of emulators) emulator.close()
  const report = summarize(readRows(dataFolder))
  rmSync(dataFolder, { recursive: true })
  return { conversations, upstreams, ...report }
}

const maxRunning = 16
const turns = 3

/** Above the 1,024 tokens from which a prompt is cached. */
const words = 'The tide follows the moon around the coast. '.repeat(150)

async function converse(url: string, at: number): Promise<void> {
  const cached = { cache_control: { type: 'ephemeral' } }
  const system = [{ type: 'text', text: `Conversation ${at}. ${words}`, ...cached }]
  const messages: unknown[] = []
  for (let turn = 0; turn < turns; turn += 1) {
    messages.push({ role: 'user', content: `Question ${turn} of conversation ${at}?` })
    const body = JSON.stringify({ model, max_tokens: 16, system, messages })
    const headers = {
      'x-api-key': key,
      'anthropic-version': '2023-06-01',
      'content-type': 'application/json',
    }
    const answer = await post(`${url}/v1/messages`, body, headers)
    if (answer.status !== 200) throw new Error(answer.body.toString())
    if (String(answer.headers['x-anthology-notice']).includes('moved'))
      throw new Error('a conversation moved although every upstream is healthy')
    messages.push({ role: 'assistant', content: 'An answer.' })
  }
}

interface ConversationRow {
  readonly upstream: string
  readonly input: number
  readonly read: number
}

function summarize(
  rows: readonly ConversationRow[],
): Pick<AffinityReport, 'hitShare' | 'minShare' | 'moved'> {
  const perUpstream = new Map<string, number>()
  for (const { upstream } of rows) perUpstream.set(upstream, (perUpstream.get(upstream) ?? 0) + 1)
  const sum = (member: 'input' | 'read'): number => rows.reduce((total, row) => total + row[member], 0)
  const uneven = [...perUpstream.values()].filter((calls) => calls % turns !== 0)
  return {
    hitShare: sum('read') / sum('input'),
    minShare: Math.min(...perUpstream.values()) / rows.length,
    moved: uneven.length,
  }
}

function readRows(dataFolder: string): readonly ConversationRow[] {
  waitForLedger(dataFolder)
  const database = openDatabase(dataFolder)
  const rows = database.prepare('SELECT upstream, usage FROM calls').all()
  database.close()
  return rows.map(({ upstream, usage }) => {
    // The emulator reports all three.
    const counts = JSON.parse(String(usage)) as {
      input_tokens: number
      cache_creation_input_tokens: number
      cache_read_input_tokens: number
    }
    const read = counts.cache_read_input_tokens
    const input = counts.input_tokens + counts.cache_creation_input_tokens + read
    return { upstream: String(upstream), input, read }
  })
}
