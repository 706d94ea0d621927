import { describe, expect, test } from 'vitest'

import { createHintPicker } from '../../src/tools/hint-picker.ts'
import { readHints } from '../../src/tools/hints.ts'

const anything = () => true

describe('a value in a question', () => {
  test.each<[string, string, string]>([
    ['email', 'Write to ada@example.org, please.', 'ada@example.org'],
    ['url', 'Look at https://example.com/a?b=1.', 'https://example.com/a?b=1'],
    ['file_path', 'Open src/index.ts now', 'src/index.ts'],
    ['path', 'What is in ~/notes/today?', '~/notes/today'],
    ['date', 'on 2025-09-01', '2025-09-01'],
    ['time', 'Wake me at 07:30', '07:30'],
    ['timezone', 'What time is it in America/New_York?', 'America/New_York'],
    ['expression', 'Compute 3 * (4 + 5), will you?', '3 * (4 + 5)'],
    ['symbol', 'How is NVDA doing?', 'NVDA'],
    ['command', 'Run `git status`', 'git status'],
    ['location', 'Weather in San Francisco, CA today?', 'San Francisco, CA'],
    ['city', 'is it cold in reykjavik?', 'reykjavik'],
    ['query', 'Search for “green tea”', 'green tea'],
    ['content', 'Write "Hello, tides."', 'Hello, tides.'],
    ['author', 'Books by Ursula Le Guin?', 'Ursula Le Guin'],
  ])('for %s in %j', (name, question, value) => {
    expect(createHintPicker(readHints(question)).text(name, anything)).toBe(value)
  })

  test('is used once, in order, values after the anchor first', () => {
    const question = 'Replace "a" with "b". Weather in Rome? Time in Oslo?'
    const texts = createHintPicker(readHints(question))
    const places = createHintPicker(readHints(question), { anchor: question.indexOf('Time') })

    expect([texts.text('old', anything), texts.text('new', anything)]).toEqual(['a', 'b'])
    expect([places.text('city', anything), places.text('city', anything)]).toEqual(['Oslo', 'Rome'])
  })

  test.each([
    ['Make a box of height 20 and width 30', { width: 30, height: 20 }],
    ['Add a user: city = "Oslo", first name "Ann"', { first_name: 'Ann', city: 'Oslo' }],
    ['Fly from Paris to Oslo, please', { to: 'Oslo', from: 'Paris' }],
  ])('what stands behind the name of a property is its own: %s', (question, wanted) => {
    const names = Object.keys(wanted)
    const picker = createHintPicker(readHints(question), { question, names })
    const picked = Object.entries(wanted).map(([name, value]) => [
      name,
      typeof value === 'number' ? picker.number(name, anything) : picker.text(name, anything, 'city'),
    ])

    expect(Object.fromEntries(picked)).toEqual(wanted)
  })

  test('is a number only if it stands alone', () => {
    const picker = createHintPicker(readHints('Version 1.2.3 of x86 on 2025-01-02 costs 1,250.50, or -3.'))

    const next = () => picker.number('amount', anything)

    expect([next(), next(), next()]).toEqual([1250.5, -3, null])
  })

  test('is read without an exception, however repetitive the question', () => {
    const hostile = ['"', "'", '`', '/a', 'a.', 'A ', '1+', '(', '“', 'in a b c d '].map((part) =>
      part.repeat(40_000),
    )

    for (const text of hostile) expect(() => readHints(text)).not.toThrow()
  })
})
