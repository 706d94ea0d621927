import { expect, test } from 'vitest'

import { startGateway } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { always, never, result, startSigningUpstream, think, use } from '../signing-upstream.ts'
import type { Message } from '../signing-upstream.ts'

const question: Message = { role: 'user', content: 'Hello' }
const budget = { type: 'enabled', budget_tokens: 1_024 }

test('a conversation that has moved goes on at its new upstream, turn after turn', async () => {
  const { aa, bb, gateway } = await startTwo()
  const talk = converse(gateway)
  await talk.ask()
  aa.fails = always

  const second = await talk.ask()
  const third = await talk.ask()
  const fourth = await talk.ask()

  expect([second, third, fourth].map(({ status }) => status)).toEqual([200, 200, 200])
  expect(second.notice).toContain('the thinking of upstream aa was left out, because bb does not accept it')
  expect(third.notice).toContain('the thinking of other places was left out, because bb does not accept it')
  // What bb has issued itself stays.
  expect(bb.answered.map(({ messages }) => countThinking(messages))).toEqual([0, 1, 2])
  expect(bb.statuses).toEqual([400, 200, 400, 200, 400, 200])
})

test('leaves all thinking out where it comes from both upstreams', async () => {
  const { aa, bb, gateway } = await startTwo()
  const talk = converse(gateway)
  await talk.ask()
  aa.fails = always
  await talk.ask()
  aa.fails = never
  bb.fails = always
  await talk.ask()
  aa.fails = always
  bb.fails = never

  const back = await talk.ask()

  expect(back.status).toBe(200)
  expect(bb.answered.map(({ messages }) => countThinking(messages))).toEqual([0, 0])
})

test('knows after a restart that thinking may come from elsewhere', async () => {
  const { aa, bb, gateway, restart } = await startTwo()
  const talk = converse(gateway)
  await talk.ask()
  aa.fails = always
  await gateway.close()

  const answer = await converse(await restart(), talk.messages).ask()

  expect(answer.status).toBe(200)
  expect(answer.notice).toContain('the thinking of other places was left out, because bb does not accept it')
  expect(bb.statuses).toEqual([400, 200])
})

test('switches thinking with a budget off in a turn that has begun elsewhere, with the edits of it', async () => {
  const { aa, bb, gateway } = await startTwo()
  const clear = { type: 'clear_thinking_20251015', keep: 'all' }
  const other = { type: 'clear_tool_uses_20250919' }
  const send = async (edits: readonly object[], loop: readonly Message[]) => {
    const management = edits.length === 0 ? {} : { context_management: { edits } }
    const body = { model, max_tokens: 2_000, messages: loop, thinking: budget, ...management }
    const beta = { 'anthropic-beta': 'context-management-2025-06-27' }
    return gateway.post(JSON.stringify(body), { headers: { ...session, ...beta } })
  }
  await send([], [question])
  aa.fails = always
  const loop: Message[] = [question, { role: 'assistant', content: [think('aa'), use] }, result]

  const answers = [await send([clear, other], loop), await send([clear], loop), await send([], loop)]
  const next = await send([clear], [...loop, { role: 'assistant', content: [think('bb'), use] }, question])

  expect([...answers, next].map(({ status }) => status)).toEqual([200, 200, 200, 200])
  for (const { headers } of answers)
    expect(headers['x-anthology-notice']).toContain('the answer is without thinking')
  expect(next.headers['x-anthology-notice']).not.toContain('the answer is without thinking')
  expect(bb.answered.map(({ thinking, context_management }) => [thinking, context_management])).toEqual([
    [{ type: 'disabled' }, { edits: [other] }],
    [{ type: 'disabled' }, undefined],
    [{ type: 'disabled' }, undefined],
    [budget, { edits: [clear] }],
  ])
})

test('a message of nothing but thinking does not keep a conversation from moving', async () => {
  const { aa, bb, gateway } = await startTwo()
  aa.fails = always
  const cut: Message = { role: 'assistant', content: [think('aa')] }

  const answer = await converse(gateway, [question, cut]).ask()

  expect(answer.status).toBe(200)
  expect(bb.answered[0]?.messages).toEqual([question, question])
})

test('a fallback model at the same upstream answers without the thinking of the first', async () => {
  const only = await startSigningUpstream('aa')
  const routing = { fallbacks: { 'claude-opus-4-1': ['claude-sonnet-4-5'] } }
  const talk = converse(await startGateway({ accounts: [only.createAccount()], routing }))
  await talk.ask()
  only.fails = (request) => request.model === model

  const answers = [await talk.ask(), await talk.ask()]

  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  for (const { notice } of answers) expect(notice).toContain('because aa does not accept it')
  expect(only.answered.at(-1)?.model).toBe('claude-sonnet-4-5-20250929')
})

test('where a call has one place only, a signature that it rejects is the error of the client', async () => {
  const only = await startSigningUpstream('aa')
  const gateway = await startGateway({ accounts: [only.createAccount()] })
  const forged: Message = { role: 'assistant', content: [think('nobody'), use] }

  const answer = await converse(gateway, [question, forged]).ask()

  expect(answer.status).toBe(400)
  expect(only.statuses).toEqual([400])
})

test('an upstream that is asked after a rejection gets all of the thinking', async () => {
  const [bb, cc] = await Promise.all([startSigningUpstream('bb'), startSigningUpstream('cc')])
  const gateway = await startGateway({ accounts: [bb.createAccount(), cc.createAccount()] })
  bb.fails = ({ messages }) => countThinking(messages) === 0
  const own: Message = { role: 'assistant', content: [think('cc'), use] }

  const answer = await converse(gateway, [question, own]).ask()

  expect(answer.status).toBe(200)
  expect([bb.statuses, cc.statuses]).toEqual([[400, 529], [200]])
  expect(cc.answered.map(({ messages }) => countThinking(messages))).toEqual([1])
})

const model = 'claude-opus-4-1-20250805'
const session = { 'x-claude-code-session-id': 'one' }

async function startTwo() {
  const [aa, bb] = await Promise.all([startSigningUpstream('aa'), startSigningUpstream('bb')])
  const restart = () => startGateway({ accounts: [aa.createAccount(), bb.createAccount()] })
  return { aa, bb, restart, gateway: await restart() }
}

/** A client that keeps the blocks of every answer. */
function converse(gateway: RunningGateway, messages: Message[] = []) {
  const ask = async () => {
    messages.push(question)
    const body = JSON.stringify({ model, max_tokens: 2_000, thinking: budget, messages })
    const { status, headers, text } = await gateway.post(body, { headers: session })
    // The upstreams answer with this shape.
    const { content } = JSON.parse(text) as { readonly content?: Message['content'] }
    if (status === 200 && content !== undefined) messages.push({ role: 'assistant', content })
    return { status, notice: String(headers['x-anthology-notice']) }
  }
  return { messages, ask }
}

function countThinking(messages: readonly Message[]): number {
  return messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content))
    .filter(({ type }) => type === 'thinking').length
}
