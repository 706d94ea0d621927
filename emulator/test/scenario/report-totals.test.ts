import { expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Emulator, Rule } from '../../src/index.ts'

const one: Rule = { name: 'one', when: { last_user: 'one' }, reply: { text: '1' } }
const two: Rule = { name: 'two', when: { last_user: 'two' }, reply: { text: '2' } }
const twice: Rule = { name: 'twice', when: { last_user: 'twice' }, times: 2, reply: { text: '3' } }

test('a rule that any period used is used in total, and unmatched calls of all periods count', async () => {
  const emulator = createEmulator({ scenario: { version: 1, rules: [one, two, twice] } })
  await ask(emulator, 'one')
  await ask(emulator, 'twice')
  emulator.reset()
  await ask(emulator, 'two')
  await ask(emulator, 'other')
  emulator.reset()
  await ask(emulator, 'another')

  const { unused, unmatched } = emulator.totalReport()

  expect(unused).toEqual([{ rule: 'rule 3 "twice"', used: 1, times: 2 }])
  expect(unmatched).toHaveLength(2)
  expect(emulator.report().unmatched).toHaveLength(1)
})

test('rules that a period added or put in place of the scenario count for that period only', async () => {
  const emulator = createEmulator({ scenario: { version: 1, rules: [one] } })
  emulator.use(two)
  emulator.reset()
  emulator.replaceScenario({ version: 1, rules: [twice] })
  emulator.replaceScenario({ version: 1, rules: [{ ...one, name: 'other' }] })
  await ask(emulator, 'one')
  emulator.reset()

  expect(emulator.totalReport().unused.map(({ rule }) => rule)).toEqual([
    'rule 1 "one"',
    'rule 2 "two"',
    'rule 1 "twice"',
  ])
  await ask(emulator, 'one')
  expect(emulator.totalReport().unused.map(({ rule }) => rule)).not.toContain('rule 1 "one"')
})

test('looking at the total changes nothing', async () => {
  const emulator = createEmulator({ scenario: { version: 1, rules: [one] } })
  await ask(emulator, 'other')

  expect(emulator.totalReport()).toEqual(emulator.totalReport())
  expect(emulator.totalReport()).toEqual(emulator.report())
})

async function ask(emulator: Emulator, text: string): Promise<void> {
  const response = await emulator.fetch('/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 9,
      messages: [{ role: 'user', content: text }],
    }),
  })
  await response.arrayBuffer()
}
