import { expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import type { Rule } from '../../src/index.ts'

const words = Array.from({ length: 40_000 }, (_, index) => ({ type: 'text', text: `word ${index}` }))

/** Asks with a text, with blocks, or with whole messages. */
async function ask(rules: readonly Rule[], content: unknown, path = '/v1/messages') {
  const emulator = createEmulator({ scenario: { version: 1, rules } })
  const isWhole = Array.isArray(content) && 'role' in content[0]
  const response = await emulator.fetch(`http://emulator${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': 'any' },
    body: JSON.stringify({
      model: 'claude-sonnet-5-5',
      ...(path.includes('count') ? {} : { max_tokens: 100 }),
      messages: isWhole ? content : [{ role: 'user', content }],
      tools: [{ name: 'look', input_schema: { type: 'object' } }],
    }),
  })
  return { status: response.status, text: await response.text(), emulator }
}

test.each(['$..*..*..*', '$..[?@..*..*]', '$..[?count($..*) > 1]', '$.messages[0,0,0,0,0,0]..[0,0]..*'])(
  'the condition %s refuses a request on which it takes too long, and names the rule',
  async (path) => {
    const rules: Rule[] = [
      { when: { last_user: 'other' }, reply: { text: 'no' } },
      { name: 'slow', when: { json: { [path]: { equals: 'x' } } }, reply: { text: 'yes' } },
    ]

    const { status, text, emulator } = await ask(rules, words)

    expect(status).toBe(400)
    expect(text).toContain(
      `rule 2 \\"slow\\" cannot be tested: the JSONPath ${path} takes more than 40,000,000`,
    )
    expect(emulator.report().unmatched).toHaveLength(1)
  },
)

// More than the arguments that a call can have on the stack, and less than the values that a body may have.
const numbers = { list: [...Array(149_900).keys()] }
let levels: object = { deep: 'treasure' }
for (let level = 0; level < 100; level += 1) levels = { inner: levels }

test.each([
  ['in a list that is too long for the arguments of a call', numbers, '$..input.list[*]', 149_899],
  ['below more than fifty levels', levels, '$..deep', 'treasure'],
])('a path finds a value %s', async (_, input, path, value) => {
  const rule: Rule = { when: { json: { [path]: { equals: value } } }, reply: { text: 'found' } }
  const messages = [
    { role: 'user', content: 'Look.' },
    { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Done.' }] },
  ]

  expect((await ask([rule], messages, '/v1/messages')).text).toContain('found')
})

test('a large regular expression refuses a long text, and is tested on a short one', async () => {
  const regex = '(?:[ab]{0,30}){0,30}[cd]$'
  const rules: Rule[] = [{ when: { last_user: { regex } }, reply: { text: 'matched' } }]

  expect((await ask(rules, 'abc')).text).toContain('matched')
  const { status, text } = await ask(rules, 'a'.repeat(100_000))
  expect(status).toBe(400)
  expect(text).toContain('rule 1 cannot be tested: the regular expression /(?:[ab]{0,30}){0,30}[cd]$/ takes')
})

test('a template with a path that takes too long refuses the request', async () => {
  const { status, text } = await ask([{ reply: { text: '{{json:$..*..*..*}}' } }], words)

  expect(status).toBe(400)
  expect(text).toContain(
    'rule 1 cannot answer this request: a template of the reply: the JSONPath $..*..*..*',
  )
})

test('a rule for another endpoint that takes too long refuses its request too', async () => {
  const rule: Rule = {
    when: { path: 'count_tokens', json: { '$..*..*..*': { equals: 'x' } } },
    fault: { status: 500 },
  }

  const { status, text } = await ask([rule], words, '/v1/messages/count_tokens')

  expect(status).toBe(400)
  expect(text).toContain('rule 1 cannot be tested')
})
