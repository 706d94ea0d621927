import * as fc from 'fast-check'
import { expect, test, vi } from 'vitest'

import { decodePlan, encodePlan } from '../../src/ledger/stored-plan.ts'
import { ask } from '../http-client.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { httpAccount, startGateway } from '../running-gateway.ts'
import { callBody, errorBody, message } from '../samples.ts'

const adminKey = 'an-admin-key-of-the-tests-only'

test('a call that moved keeps its plan, the reason of the excluded upstream, and its attempts', async () => {
  const failing = await startUpstream(plain(errorBody('overloaded_error', 'no'), { status: 529 }))
  const answering = await startUpstream(plain(message))
  const names = ['first', 'second', 'unused']
  const accounts = names.map((name, at) => ({ ...httpAccount((at === 0 ? failing : answering).url), name }))
  const gateway = await startGateway({ accounts, adminKey, routing: { groups: [['first'], ['second']] } })

  const { headers } = await gateway.post(callBody)
  gateway.rows()
  const { text } = await ask(`${gateway.url}/admin/v1/calls/${String(headers['request-id'])}`, {
    headers: { 'x-api-key': adminKey },
  })

  expect(JSON.parse(text)).toMatchObject({
    call: {
      upstream: 'second',
      routing: {
        ranked: [
          { upstream: 'first', because: 'first_of_group', model: null },
          { upstream: 'second', because: 'next_group', model: null },
        ],
        excluded: [{ upstream: 'unused', because: 'not_in_groups', model: null }],
        attempts: [
          { upstream: 'first', result: 'capacity' },
          { upstream: 'second', result: 'answered' },
        ],
        omitted: 0,
      },
    },
  })
})

test('a slow upstream gets no more new conversations than the other one can spare', async () => {
  const waiting: (() => void)[] = []
  const slow = await startUpstream((response, request) => {
    waiting.push(() => void plain(message)(response, request))
  })
  const quick = await startUpstream(plain(message))
  const accounts = [
    { ...httpAccount(slow.url), name: 'slow' },
    { ...httpAccount(quick.url), name: 'quick' },
  ]
  const gateway = await startGateway({ accounts, routing: { groups: [['slow', 'quick']] } })

  const calls: ReturnType<typeof gateway.post>[] = []
  for (let at = 0; at < 60; at += 1) {
    const call = gateway.post(callBody.replace('Hello', `conversation ${at}`))
    calls.push(call)
    const before = waiting.length
    const isHeld = vi.waitFor(() => expect(waiting.length).toBeGreaterThan(before), { interval: 2 })
    await Promise.any([call, isHeld])
  }
  for (const answer of waiting) answer()
  const answers = await Promise.all(calls)

  expect(answers.map(({ status }) => status)).toEqual(calls.map(() => 200))
  expect(slow.requests).toHaveLength(8)
  expect(quick.requests).toHaveLength(52)
})

test('one upstream that is asked once leaves no plan, and one that is asked twice does', async () => {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  await gateway.post(callBody)
  upstream.answer(plain(errorBody('api_error', 'no'), { status: 500 }))
  await gateway.post(callBody)

  const [once, twice] = gateway.rows().map(({ details }) => JSON.parse(String(details)) as object)
  expect(once).not.toHaveProperty('plan')
  expect(twice).toMatchObject({
    plan: {
      ranked: [['recorder', 'first_of_group']],
      excluded: [],
      attempts: [
        ['recorder', 'server'],
        ['recorder', 'server'],
      ],
    },
  })
})

test('a stored plan has at most 1 KB, is read again, and counts what it left out', () => {
  const code = fc.string({ maxLength: 60 })
  const choice = fc.record({ upstream: code, because: code, model: fc.option(code) })
  const plan = fc.record({
    ranked: fc.array(choice, { maxLength: 30 }),
    excluded: fc.array(choice, { maxLength: 30 }),
    attempts: fc.array(fc.record({ upstream: code, result: code }), { maxLength: 8 }),
    omitted: fc.constant(0),
  })
  fc.assert(
    fc.property(plan, (given) => {
      const text = JSON.stringify(encodePlan(given))
      const read = decodePlan(JSON.parse(text))

      expect(text.length).toBeLessThanOrEqual(1_000)
      expect(read?.ranked).toEqual(given.ranked.slice(0, read?.ranked.length))
      const count = (one: typeof given | typeof read) =>
        (one?.ranked.length ?? 0) +
        (one?.excluded.length ?? 0) +
        (one?.attempts.length ?? 0) +
        (one?.omitted ?? 0)
      expect(count(read)).toBe(count(given))
    }),
  )
})
