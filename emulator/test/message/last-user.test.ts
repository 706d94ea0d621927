import type { MessageParam } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { findLastUser, readLastUser } from '../../src/message/last-user.ts'

const text = (words: string) => ({ type: 'text', text: words }) as const
const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' } as const
const picture = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const
const reminder = '<system-reminder>Use tools.</system-reminder>'
const before: readonly MessageParam[] = [
  { role: 'user', content: 'Before' },
  { role: 'assistant', content: 'Yes.' },
]

describe('the text of the last user turn', () => {
  test.each<[string, readonly MessageParam[], string]>([
    ['is a string', [{ role: 'user', content: 'Hello' }], 'Hello'],
    ['is all text blocks', [{ role: 'user', content: [text('One'), picture, text('two')] }], 'One\ntwo'],
    [
      'is that of consecutive messages, whatever the system adds between them',
      [
        { role: 'user', content: 'One' },
        { role: 'system', content: 'Be kind.' },
        { role: 'user', content: [text('two')] },
      ],
      'One\ntwo',
    ],
    ['leaves out reminders', [{ role: 'user', content: [text(` ${reminder}\n`), text('Hello')] }], 'Hello'],
    ['stands beside results', [{ role: 'user', content: [result, text('And now?')] }], 'And now?'],
    [
      'stays the same while tools answer and the assistant begins',
      [
        { role: 'user', content: 'Ask' },
        { role: 'assistant', content: 'One moment' },
        { role: 'user', content: [result] },
        { role: 'user', content: reminder },
        { role: 'assistant', content: 'Well' },
      ],
      'Ask',
    ],
  ])('%s', (_, messages, expected) => {
    expect(readLastUser([...before, ...messages])).toBe(expected)
  })

  test('is that of an earlier turn where the last one has none', () => {
    const messages: readonly MessageParam[] = [...before, { role: 'user', content: [picture] }]

    expect([readLastUser(messages), findLastUser(messages)]).toEqual(['Before', 0])
  })

  test('is empty where no user turn has any', () => {
    expect([readLastUser([]), findLastUser([])]).toEqual(['', -1])
    expect(readLastUser([{ role: 'user', content: [result] }])).toBe('')
  })
})
