import { describe, expect, test } from 'vitest'

import { ask, getText } from '../collecting-receiver.ts'
import { createWith, play, send } from './play.ts'

describe('a template', () => {
  test.each([
    ['{{last_user}}', 'Hello!'],
    ['{{ model }}', 'claude-opus-4-1-20250805'],
    ['{{system}}', 'Be brief.'],
    ['{{turn}} {{call}}', '0 1'],
    ['{{tool_result}}.', '.'],
    ['{{json:$.metadata.user_id}}', 'ann'],
    ['{{json:$.max_tokens}}', '1000'],
    ['{{json:$.metadata}}', '{"user_id":"ann"}'],
    ['{{json:$.messages[0]["content"]}}', 'Hello!'],
    ['{{json:$.nothing}}.', '.'],
    ['{{other}} {{{x}}} {{', '{{other}} {{{x}}} {{'],
  ])('%s becomes %s', async (text, expected) => {
    const message = await play({ text }, { system: 'Be brief.', metadata: { user_id: 'ann' } })

    expect(getText(message)).toBe(expected)
  })

  test('names the groups of the first regular expression, and a value is not read as a template', async () => {
    const emulator = createWith({
      when: { system: { regex: 'be (\\w+)' }, last_user: { regex: '(never)?' } },
      reply: { text: '{{match.0}}, {{match.1}}, {{last_user}}' },
    })
    const [, answer] = await send(emulator, ask('{{system}}', { system: 'be $1brief' }))
    const [, other] = await send(emulator, ask('x', { system: 'be kind' }))

    expect(answer).toMatch(/^No rule/)
    expect(other).toMatchObject({ content: [{ text: 'be kind, kind, x' }] })
  })

  test('inserts the user text as it is, with signs of templates and replacement', async () => {
    const [, answer] = await send(
      createWith({ reply: { text: '<{{last_user}}>' } }),
      ask("{{system}} $& $1 $' \u{1f600}"),
    )

    expect(answer).toMatchObject({ content: [{ text: "<{{system}} $& $1 $' \u{1f600}>" }] })
  })

  test('counts how often its rule has applied', async () => {
    const emulator = createWith({ reply: { text: '{{call}}' } })
    await send(emulator, ask('x'))

    expect((await send(emulator, ask('x')))[1]).toMatchObject({ content: [{ text: '2' }] })
  })

  test('does not make an answer of any size', async () => {
    const [status, answer] = await send(
      createWith({ reply: { text: '{{last_user}}'.repeat(1_100) } }),
      ask('x'.repeat(10_000), { model: 'claude-opus-4-5' }),
    )

    expect([status, answer]).toEqual([
      400,
      "The scenario's rule 1 cannot answer this request: the templates insert more than 10000000 characters",
    ])
  })
})
