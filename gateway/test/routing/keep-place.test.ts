import { expect, test } from 'vitest'

import { readUsedCache } from '../../src/calls/used-cache.ts'
import { createWarmth } from '../../src/routing/warmth.ts'
import { startGateway } from '../running-gateway.ts'
import { always, never, result, startSigningUpstream, think, use } from '../signing-upstream.ts'
import type { Message } from '../signing-upstream.ts'
import { indexBody } from '@anthology/wire'

const cached = { cache_read_input_tokens: 0, cache_creation_input_tokens: 40_000 }
const read = { cache_read_input_tokens: 40_000, cache_creation_input_tokens: 0 }

test.each([
  ['with a prompt cache stays where one failure has sent it', cached, ['aa', 'bb', 'bb']],
  ['without one returns to the first group', {}, ['aa', 'bb', 'aa']],
])('a conversation %s', async (_, usage, expected) => {
  const { aa, send } = await startTwo(usage)

  const first = await send()
  aa.fails = always
  const second = await send()
  aa.fails = never
  const third = await send()

  expect([first, second, third].map(({ upstream }) => upstream)).toEqual(expected)
  // Without cached tokens nothing is lost: neither by the failure nor by the return to the first group.
  const isCached = usage === cached
  expect([first, second, third].map(({ notice }) => notice.includes('prompt cache is cold'))).toEqual([
    false,
    isCached,
    false,
  ])
})

test('thinking of an upstream that is not known or another one carries a notice, and no other call does', async () => {
  const { aa, send, count } = await startTwo({}, 'claude-sonnet-5-5')
  const thinking = [
    question,
    { role: 'assistant', content: [think('aa', 'claude-sonnet-5-5'), use] },
    result,
  ] as const

  const unknown = await send(thinking)
  const known = await send(thinking)
  aa.fails = always
  const moved = await send(thinking)
  aa.fails = never
  const kept = await send(thinking)
  const other = await send([question, { role: 'assistant', content: [use] }, result], 'two')
  const counted = await count(thinking)

  expect(unknown.notice).toContain('it is not known which upstream issued the thinking of the conversation')
  expect(moved.notice).toContain('the thinking of the conversation comes from upstream aa')
  for (const { notice } of [known, kept, other, counted]) expect(notice).not.toContain('thinking')
  // The model binds its thinking, so the conversation stays, although nothing of it is in a prompt cache.
  expect([known, moved, kept].map(({ upstream }) => upstream)).toEqual(['aa', 'bb', 'bb'])
})

test.each([
  ['another model', { asked: 'claude-haiku-4-5' }],
  ['a sub-agent', { agent: 'reviewer' }],
])('answers to %s in between do not change the place of a conversation', async (_, other) => {
  const { aa, send } = await startTwo({}, 'claude-sonnet-5-5')
  const thinking = [
    question,
    { role: 'assistant', content: [think('bb', 'claude-sonnet-5-5'), use] },
    result,
  ] as const
  aa.fails = always
  await send()
  aa.fails = never

  const between = await send([question], 'one', other)
  const kept = await send(thinking)
  const again = await send([question], 'one', other)

  expect([between, kept, again].map(({ upstream }) => upstream)).toEqual(['aa', 'bb', 'aa'])
  for (const { notice } of [between, kept, again]) expect(notice).toBe('undefined')
})

test('a cache is warm for its lifetime', () => {
  let nowMs = 0
  const warmth = createWarmth({ nowMs: () => nowMs })
  const note = (conversation: string, lifetimeMs: number) =>
    warmth.note(
      { conversation, agent: null, model: 'm' },
      { upstream: 'aa', model: 'm', cache: { tokens: 1, lifetimeMs } },
      { foreignMessages: undefined, isUsual: true, isBeginning: () => true },
    )
  note('short', 300_000)
  note('long', 3_600_000)
  const areWarm = () =>
    ['short', 'long', 'unknown'].map(
      (each) => warmth.find({ conversation: each, agent: null, model: 'm' })?.isWarm,
    )

  expect(areWarm()).toEqual([true, true, undefined])
  nowMs = 300_001
  expect(areWarm()).toEqual([false, true, undefined])
  nowMs = 3_600_001
  expect(areWarm()).toEqual([false, false, undefined])
})

test.each<[string, object, object, number]>([
  [
    'written for five minutes',
    { ...cached, cache_creation: { ephemeral_5m_input_tokens: 40_000 } },
    hour(),
    5,
  ],
  ['written for an hour', { ...cached, cache_creation: { ephemeral_1h_input_tokens: 40_000 } }, {}, 60],
  ['written, without a word on how long', cached, hour(), 60],
  ['read', read, {}, 5],
  ['read, with a breakpoint for an hour', read, hour(), 60],
  ['read, with the words in a text', read, { system: '"ttl":"1h"' }, 5],
])('the lifetime of a cache that was %s', (_, usage, body, minutes) => {
  const bytes = new TextEncoder().encode(JSON.stringify(body))
  const index = indexBody(bytes, new Set())
  if (!index.ok) throw new Error(index.message)

  expect(readUsedCache({ body: bytes, index }, { ...usage })).toEqual({
    tokens: 40_000,
    lifetimeMs: minutes * 60_000,
  })
})

const question: Message = { role: 'user', content: 'Hello' }

function hour() {
  return { system: [{ type: 'text', text: 'a', cache_control: { type: 'ephemeral', ttl: '1h' } }] }
}

/** The model that a call asks, and the sub-agent that sends it. */
interface Asking {
  readonly asked?: string
  readonly agent?: string
}

/** Two upstreams, each a group of its own, that accept the thinking of both if they are asked for `model`. */
async function startTwo(usage: object, model = 'claude-opus-4-1') {
  const [aa, bb] = await Promise.all([startSigningUpstream('aa', usage), startSigningUpstream('bb', usage)])
  const gateway = await startGateway({ accounts: [aa.createAccount(), bb.createAccount()] })
  bb.accepts = aa.accepts = always
  const post = async (path: string, messages: readonly Message[], session: string, from: Asking = {}) => {
    const { asked = model, agent } = from
    const limit = path.endsWith('messages') ? { max_tokens: 100 } : {}
    const body = JSON.stringify({ model: asked, ...limit, messages })
    const headers = { 'x-claude-code-session-id': session, 'x-claude-code-agent-id': agent }
    const answer = await gateway.post(body, { path, headers })
    expect(answer.status).toBe(200)
    const notice = String(answer.headers['x-anthology-notice'])
    return { upstream: answer.headers['x-anthology-upstream'], notice }
  }
  const send = (messages: readonly Message[] = [question], session = 'one', from: Asking = {}) =>
    post('/v1/messages', messages, session, from)
  const count = (messages: readonly Message[]) => post('/v1/messages/count_tokens', messages, 'three')
  return { aa, bb, send, count }
}
