import { describe, expect, test } from 'vitest'

import type { Call } from '../../src/call.ts'
import { readSettings } from '../../src/emulator.ts'
import { createEmulator, VerificationError } from '../../src/index.ts'
import type { Emulator, Rule, Scenario } from '../../src/index.ts'
import { chooseAnswer } from '../../src/message/scripted-answer.ts'
import type { ValidRequest } from '../../src/message/valid-request.ts'
import { createExchange } from '../exchange.ts'
import { ask, collect, getJson, getMessage, getText } from '../collecting-receiver.ts'
import { createWith, note, send } from './play.ts'

const say = (text: string, more: Omit<Rule, 'reply'> = {}): Rule => ({ ...more, reply: { text } })

describe('of several rules', () => {
  test('the first that matches applies', async () => {
    const emulator = createWith(say('a', { when: { last_user: 'x' } }), say('b'), say('c'))

    expect(await tell(emulator, 'x', 'y')).toEqual(['a', 'b'])
  })

  test('the one of the highest priority applies, default 0', async () => {
    const emulator = createWith(say('low', { priority: -1 }), say('first'), say('high', { priority: 0.5 }))

    expect(await tell(emulator, 'x')).toEqual(['high'])
  })

  test('those that are used up give way to the next', async () => {
    const emulator = createWith(say('once', { times: 1 }), say('twice', { times: 2 }))

    expect(await tell(emulator, 'x', 'x', 'x', 'x')).toEqual([
      'once',
      'twice',
      'twice',
      'No rule of the scenario matches this request. The nearest is rule 1: it has already applied 1 time.',
    ])
  })
})

describe('a rule', () => {
  test('with call applies to the n-th request that meets its other conditions', async () => {
    const emulator = createWith(say('second', { when: { call: 2, last_user: 'x' } }), say('other'))

    expect(await tell(emulator, 'x', 'y', 'x', 'x')).toEqual(['other', 'other', 'second', 'other'])
  })

  test('with every applies to every n-th request', async () => {
    const emulator = createWith(say('third', { every: 3 }), say('other'))

    expect(await tell(emulator, '1', '2', '3', '4', '5', '6')).toEqual([
      'other',
      'other',
      'third',
      'other',
      'other',
      'third',
    ])
  })

  test('with call and every applies to the n-th request, and from it on to every n-th', async () => {
    const emulator = createWith(say('hit', { when: { call: 2 }, every: 3 }))
    const missed =
      'it applies to every 3 requests that meet its conditions from number 2 on, but this is number'

    const told = await tell(emulator, '1', '2', '3', '4', '5', '6')

    expect(told.map((text) => text === 'hit')).toEqual([false, true, false, false, true, false])
    expect(told[0]).toContain(`${missed} 1`)
    expect(told[5]).toContain(`${missed} 6`)
  })

  test('with a rate applies to that share of requests, the same ones for the same seed', async () => {
    const questions = Array.from({ length: 200 }, (_, index) => String(index))
    const rules = [say('hit', { rate: 0.3 }), say('miss')]
    const run = (seed: string): Promise<readonly string[]> =>
      tell(createEmulator({ seed, scenario: { version: 1, rules } }), ...questions)
    const first = await run('a')
    const hits = first.filter((text) => text === 'hit').length

    expect(hits).toBeGreaterThan(30)
    expect(hits).toBeLessThan(90)
    expect(await run('a')).toEqual(first)
    expect(await run('b')).not.toEqual(first)
  })

  test.each([
    [0, 'miss'],
    [1, 'hit'],
  ])('with a rate of %j is a %s', async (rate, expected) => {
    expect(await tell(createWith(say('hit', { rate }), say('miss')), 'x')).toEqual([expected])
  })
})

describe('steps', () => {
  const call = { type: 'tool_use', id: 'toolu_1', name: 'note', input: { city: 'L' } }
  const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'done' }] }
  const steps = [
    { reply: { tool_calls: [{ name: 'note', input: { city: 'L' } }] } },
    { reply: { text: 'Done with {{last_user}}: {{tool_result}}' } },
  ]
  const askWith = (emulator: Emulator, ...messages: readonly object[]): ReturnType<typeof send> =>
    send(emulator, { model: 'claude-opus-4-1', max_tokens: 500, tools: [note], messages })

  test('follow the assistant turns after the user text that matched, wherever it stands', async () => {
    const emulator = createWith({ when: { last_user: 'task' }, steps })
    const before = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: 'Hello' },
    ]
    const task = [...before, { role: 'user', content: 'my task' }]

    expect(await askWith(emulator, ...task)).toMatchObject([200, { stop_reason: 'tool_use' }])
    expect(await askWith(emulator, ...task, { role: 'assistant', content: [call] }, result)).toMatchObject([
      200,
      { content: [{ text: 'Done with my task: done' }] },
    ])
  })

  test('keep no state, so conversations at the same time do not disturb each other', async () => {
    const emulator = createWith({ when: { last_user: 'task' }, steps })
    const ask1 = { role: 'user', content: 'task one' }
    const ask2 = { role: 'user', content: 'task two' }
    const answers = [
      await askWith(emulator, ask1),
      await askWith(emulator, ask2),
      await askWith(emulator, ask2, { role: 'assistant', content: [call] }, result),
      await askWith(emulator, ask1, { role: 'assistant', content: [call] }, result),
    ]

    expect(answers).toMatchObject([
      [200, { stop_reason: 'tool_use' }],
      [200, { stop_reason: 'tool_use' }],
      [200, { content: [{ text: 'Done with task two: done' }] }],
      [200, { content: [{ text: 'Done with task one: done' }] }],
    ])
  })

  test('begin anew with a later text of the user that matches', async () => {
    const emulator = createWith({ when: { last_user: 'task' }, steps })
    const done = [
      { role: 'user', content: 'task one' },
      { role: 'assistant', content: [call] },
      result,
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'task two' },
    ]

    expect(await askWith(emulator, ...done)).toMatchObject([200, { stop_reason: 'tool_use' }])
  })

  test('without last_user follow the assistant turns of the conversation', async () => {
    const emulator = createWith({ steps: [{ reply: { text: '1' } }, { reply: { text: '2' } }] })
    const one = { role: 'user', content: 'a' }

    expect(await askWith(emulator, one, { role: 'assistant', content: '1' }, one)).toMatchObject([
      200,
      { content: [{ text: '2' }] },
    ])
  })

  test('that are over are named', async () => {
    const emulator = createWith({ when: { last_user: 'task' }, steps: steps.slice(0, 1) })
    const task = { role: 'user', content: 'task' }

    expect(await askWith(emulator, task, { role: 'assistant', content: [call] }, result)).toEqual([
      400,
      'No rule of the scenario matches this request. The nearest is rule 1: it has 1 step, but this request needs step 2.',
    ])
  })
})

describe('a request that no rule matches', () => {
  const rules = [
    say('a', { name: 'tea', when: { last_user: 'tea', turn: 0 } }),
    say('b', { when: { turn: 7 } }),
  ]

  test('gets the normal answer of the emulator by default', async () => {
    const scripted = createEmulator({ scenario: { version: 1, rules } })
    const plain = createEmulator()

    expect((await getMessage(scripted, ask('Coffee?'))).content).toEqual(
      (await getMessage(plain, ask('Coffee?'))).content,
    )
    expect(scripted.requests[0]).toMatchObject({ rule: null, isUnmatched: true })
  })

  test('is refused with the nearest rule and its first difference where the scenario says so', async () => {
    const emulator = createWith(...rules)

    expect(await tell(emulator, 'Coffee?')).toEqual([
      'No rule of the scenario matches this request. The nearest is rule 1 "tea": last_user should contain "tea", but is "Coffee?".',
    ])
  })

  test('is compared with the rule of which most conditions hold, and a used up one is nearest', async () => {
    const near = say('b', { when: { last_user: 'tea', turn: 0, model: 'claude-opus-4-1' } })
    const far = say('a', { when: { last_user: 'milk' } })

    expect((await tell(createWith(far, near), 'Coffee?'))[0]).toContain('The nearest is rule 2: last_user')
    expect((await tell(createWith(near, say('c', { times: 1 })), 'x', 'x'))[1]).toContain(
      'The nearest is rule 2: it has already applied 1 time.',
    )
  })

  test('is reported by verify, with the rules that were not used', async () => {
    const emulator = createWith(...rules, say('c', { times: 3, when: { last_user: 'milk' } }))
    await tell(emulator, 'Coffee?', 'tea', 'milk')

    expect(() => emulator.verify()).toThrow(VerificationError)
    expect(() => emulator.verify()).toThrow(
      [
        'rule 2 was not used',
        'rule 3 was used 1 of 3 times',
        '/v1/messages: No rule of the scenario matches this request. The nearest is rule 1 "tea": last_user should contain "tea", but is "Coffee?".',
      ].join('\n'),
    )
  })
})

describe('rules can change', () => {
  test('by use, which appends, and by reset, which goes back to the first ones', async () => {
    const emulator = createWith(say('a', { when: { last_user: 'x' } }))
    emulator.use(say('b'))
    const before = await tell(emulator, 'x', 'y')
    emulator.reset()

    expect(before).toEqual(['a', 'b'])
    expect((await tell(emulator, 'y'))[0]).toMatch(/^No rule/)
  })

  test('but not by a change of the object that was given', async () => {
    const reply = { text: 'before' }
    const scenario: Scenario = { version: 1, rules: [{ reply }] }
    const emulator = createEmulator({ scenario })
    reply.text = 'after'

    expect(await tell(emulator, 'x')).toEqual(['before'])
  })
})

describe('the items of a batch', () => {
  test('meet the same rules, and a reply that is not possible is an error of its item', async () => {
    const emulator = createWith(
      say('tea', { when: { last_user: 'tea' } }),
      { when: { last_user: 'note' }, reply: { tool_calls: [{ name: 'note', input: {} }] } },
      { when: { last_user: 'usage' }, reply: { usage: { output_tokens: 77, service_tier: 'priority' } } },
    )
    const requests = ['tea', 'note', 'usage', 'coffee'].map((text) => ({
      custom_id: text,
      params: ask(text),
    }))
    const created = getJson(await collect(emulator, { path: '/v1/messages/batches', body: { requests } }))
    const { id } = created as { id: string } // It is a batch.
    await collect(emulator, { method: 'GET', path: `/v1/messages/batches/${id}` })
    const results = await collect(emulator, { method: 'GET', path: `/v1/messages/batches/${id}/results` })
    const lines = new TextDecoder().decode(results.bytes).trim().split('\n')

    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { result: { type: 'succeeded', message: { content: [{ text: 'tea' }] } } },
      {
        result: { type: 'errored', error: { error: { message: expect.stringContaining('no tool "note"') } } },
      },
      { result: { message: { usage: { output_tokens: 77, service_tier: 'batch' } } } },
      { result: { type: 'errored', error: { error: { message: expect.stringContaining('No rule') } } } },
    ])
  })
})

describe('a call without rules', () => {
  test('costs nothing: its request is not looked at', async () => {
    const untouchable = new Proxy({} as ValidRequest, {
      get: (_target, name) => {
        throw new Error(`${String(name)} was read`)
      },
    })
    const choose = (scenario: Scenario): unknown =>
      chooseAnswer(untouchable, createCall(), readSettings({ scenario }))

    expect(choose({ version: 1, unmatched: 'refuse', rules: [] })).toMatchObject({ ok: true })
    expect(() => choose({ version: 1, rules: [say('a')] })).toThrow('was read')
  })

  test('is answered and not reported, whatever the scenario says about unmatched ones', async () => {
    const emulator = createEmulator({ scenario: { version: 1, unmatched: 'refuse', rules: [] } })

    expect(getText(await getMessage(emulator, ask('Hello!')))).not.toBe('')
    expect(() => emulator.verify()).not.toThrow()
  })
})

/** A call whose exchange no test looks at. */
function createCall(): Call {
  const exchange = createExchange()
  const { request } = exchange
  const head = { requestId: 'req_1', organizationId: '', notices: [], exchange }
  return { request, apiVersion: '2023-06-01', key: null, query: new URLSearchParams(), name: '', head }
}

/** The texts of the answers to questions, or of their errors. */
async function tell(emulator: Emulator, ...questions: readonly string[]): Promise<readonly string[]> {
  const texts: string[] = []
  for (const question of questions) {
    const [status, answer] = await send(emulator, ask(question))
    // With status 200 it is a message.
    texts.push(status === 200 ? getText(answer as Parameters<typeof getText>[0]) : String(answer))
  }
  return texts
}
