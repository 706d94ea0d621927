import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createRandom } from '../../src/random.ts'
import { createThoughts } from '../../src/thinking/thought.ts'
import type { ThoughtContext } from '../../src/thinking/thought.ts'

describe('generated thinking', () => {
  test('begins with the request, and names the tools', () => {
    expect(think({ question: 'Compare tea and coffee.', tools: ['get_weather'] })).toMatch(
      /^The user writes: “Compare tea and coffee\.” I will [^.]+\. The tool get_weather is available/,
    )
    expect(think({ question: 'Why?', tools: ['add', 'get_weather'] })).toMatch(
      /^The user asks: “Why\?” I will [^.]+\. 2 tools are available, among them add\. /,
    )
  })

  test('begins with the results of tools if there are any', () => {
    expect(think({ question: 'Why?', tools: ['add'], results: 1 })).toMatch(
      /^The tool result is available\. I will /,
    )
    expect(think({ question: 'Why?', results: 2 })).toMatch(/^2 tool results are available\. I will /)
    expect(think({ question: '' })).toMatch(
      /^The last message has no text, so I use the rest of the request\. /,
    )
  })

  test('is sober, whatever the random numbers: whole sentences, no doubts, no questions', () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom('Tell me about tea', 'And now'), (seed, question) => {
        const text = think({ question }, seed).replaceAll(/“[^”]*”/g, '')

        expect(text).not.toMatch(/[!?;{}]|wait|should check|perhaps|maybe|hmm|undefined| {2}/i)
        for (const sentence of text.split(/(?<=\.)\s+/)) expect(sentence).toMatch(/^[\p{Lu}\d].*[.:]$/u)
      }),
    )
  })
})

/** Returns the first twenty sentences. */
function think(context: Partial<ThoughtContext>, seed = 1): string {
  const random = createRandom((seed >>> 0).toString(16).padStart(8, '0').repeat(2))
  let text = ''
  let count = 0
  for (const sentence of createThoughts({ question: '', tools: [], results: 0, ...context }, random)) {
    text += sentence
    count += 1
    if (count === 20) return text
  }
  return text
}
