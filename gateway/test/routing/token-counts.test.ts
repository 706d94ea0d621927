import { expect, test } from 'vitest'

import { anthropicAdapter } from '../../src/upstreams/anthropic.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { errorBody, message, opus } from '../samples.ts'

const count = JSON.stringify({ input_tokens: 42 })

/** Answers both endpoints. */
const answerAll: Script = (response, request) =>
  plain(request.target.endsWith('/count_tokens') ? count : message)(response, request)

/** A gateway with one upstream for each entry, all alike in rank; `counts`: whether its platform can count tokens. */
async function startWith(entries: readonly { readonly counts: boolean; readonly script?: Script }[]) {
  const upstreams = await Promise.all(entries.map(({ script = answerAll }) => startUpstream(script)))
  const accounts = upstreams.map(({ url }, at) => ({
    ...httpAccount(url),
    name: `number-${at}`,
    adapter: { ...anthropicAdapter, hasTokenCount: () => entries[at]?.counts ?? true },
  }))
  const gateway = await startGateway({
    accounts,
    routing: { groups: [accounts.map(({ name }) => name)] },
  })
  const post = (operation: 'chat' | 'count', content = 'Hello') =>
    gateway.post(
      JSON.stringify({
        model: opus,
        ...(operation === 'chat' && { max_tokens: 50 }),
        messages: [{ role: 'user', content }],
      }),
      { path: operation === 'chat' ? '/v1/messages' : '/v1/messages/count_tokens' },
    )
  return { gateway, post, asked: () => upstreams.map(({ requests }) => requests.length) }
}

test('are asked of an upstream that can count', async () => {
  const { post, asked } = await startWith([{ counts: false }, { counts: true }])

  const answer = await post('count')

  expect([answer.status, answer.text]).toEqual([200, count])
  expect(answer.headers['x-anthology-notice']).toBeUndefined()
  expect(asked()).toEqual([0, 1])
})

test('are estimated with a notice where no upstream can count', async () => {
  const { post, asked, gateway } = await startWith([{ counts: false }, { counts: false }])

  const answer = await post('count', 'word '.repeat(3_000))

  const { input_tokens: tokens } = JSON.parse(answer.text) as { input_tokens: number }
  expect(answer.status).toBe(200)
  expect(tokens).toBeGreaterThan(3_000)
  expect(tokens).toBeLessThan(9_000)
  expect(answer.headers['x-anthology-notice']).toContain('an estimate of the gateway')
  expect(asked()).toEqual([0, 0])
  expect(gateway.rows()).toEqual([])
})

test('are estimated when the upstream that can count fails', async () => {
  const overloaded = plain(errorBody('overloaded_error', 'Overloaded'), { status: 529 })
  const { post, asked } = await startWith([{ counts: false }, { counts: true, script: overloaded }])

  const answer = await post('count')

  expect(answer.status).toBe(200)
  expect(answer.headers['x-anthology-notice']).toContain('an estimate of the gateway')
  expect(asked()).toEqual([0, 1])
})

test('an invalid request for a count is rejected, and not estimated', async () => {
  const invalid = plain(errorBody('invalid_request_error', 'messages: at least one message is required'), {
    status: 400,
  })
  const { post, asked } = await startWith([{ counts: false }, { counts: true, script: invalid }])

  expect((await post('count')).status).toBe(400)
  expect(asked()).toEqual([0, 1])
})

test('do not move a conversation away from its prompt cache', async () => {
  const { post } = await startWith([{ counts: false }, { counts: true }])
  const topics = Array.from({ length: 12 }, (_, at) => `Tell me about topic ${at}`)
  const places = new Set<unknown>()
  for (const topic of topics) {
    const first = (await post('chat', topic)).headers['x-anthology-upstream']
    expect((await post('count', topic)).headers['x-anthology-upstream']).toBe('number-1')
    const second = (await post('chat', topic)).headers['x-anthology-upstream']

    expect(second).toBe(first)
    places.add(first)
  }

  expect(places).toEqual(new Set(['number-0', 'number-1']))
})
