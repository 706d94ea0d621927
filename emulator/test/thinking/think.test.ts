import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { toBlock, getOutputTokens } from '../../src/generate/completion.ts'
import {
  answered,
  call,
  interleaved,
  result,
  thoughtFor,
  createThinkingFor,
  user,
  weather,
} from './exchange.ts'
import type { Body } from './exchange.ts'

const question = user('Explain to me in some detail how a suspension bridge carries its load, please.')
const opus41 = 'claude-opus-4-1-20250805'
const sonnet37 = 'claude-3-7-sonnet-20250219'
const redacting = user(
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB',
)

describe('whether there is thinking', () => {
  test('requires a budget up to the 4.5 generation', () => {
    expect(createThinkingFor({ model: opus41, messages: [question] })).toEqual([])
    expect(createThinkingFor({ model: opus41, messages: [question], thinking: enabled(2_000) })).toHaveLength(
      1,
    )
    expect(
      createThinkingFor({ model: opus41, messages: [question], thinking: { type: 'disabled' } }),
    ).toEqual([])
  })

  test('never happens for a model that does not think', () => {
    const haiku35 = { model: 'claude-3-5-haiku-20241022', messages: [question] }

    expect(createThinkingFor({ ...haiku35, thinking: { type: 'disabled' } })).toEqual([])
    expect(createThinkingFor(haiku35)).toEqual([])
  })

  test.each([
    ['claude-opus-4-6', 0, 0],
    ['claude-opus-4-8', 0, 0],
    ['claude-sonnet-5', 1, 0],
    ['claude-opus-5', 1, 0],
    ['claude-haiku-5-5', 1, 0],
  ])('of %s by default makes %i blocks, switched off %i', (model, usual, off) => {
    expect(createThinkingFor({ model, messages: [question] })).toHaveLength(usual)
    expect(createThinkingFor({ model, messages: [question], thinking: { type: 'disabled' } })).toHaveLength(
      off,
    )
    expect(createThinkingFor({ model, messages: [question], thinking: { type: 'adaptive' } })).toHaveLength(1)
  })

  test.each(['claude-fable-5', 'claude-opus-5-5', 'claude-mythos-5-2', 'claude-mythos-preview'])(
    'always happens for %s, whatever the effort',
    (model) => {
      const messages = [user('Hi')]

      expect(createThinkingFor({ model, messages })).toHaveLength(1)
      expect(createThinkingFor({ model, messages, output_config: { effort: 'low' } })).toHaveLength(1)
    },
  )

  test('depends on the effort in adaptive mode: simple questions have none at low and medium', () => {
    const body = { model: 'claude-sonnet-5', messages: [user('Hi there')] }

    expect(createThinkingFor({ ...body, output_config: { effort: 'low' } })).toEqual([])
    expect(createThinkingFor({ ...body, output_config: { effort: 'medium' } })).toEqual([])
    expect(createThinkingFor({ ...body, output_config: { effort: 'high' } })).toHaveLength(1)
    expect(createThinkingFor(body)).toHaveLength(1)
    expect(
      createThinkingFor({ ...body, messages: [question], output_config: { effort: 'medium' } }),
    ).toHaveLength(1)
  })

  test('depends on the default effort of the model, which is medium for Haiku 5.5', () => {
    expect(createThinkingFor({ model: 'claude-haiku-5-5', messages: [user('Hi there')] })).toEqual([])
  })
})

describe('thinking between tools', () => {
  const loop = (body: Omit<Body, 'messages'>, betas: readonly string[] = []) => {
    const first = { tools: [weather], ...body, messages: [question] }
    const messages = [...answered(first, [call('toolu_1')], { betas }), result('toolu_1')]
    return [
      createThinkingFor(first, { betas }).length,
      createThinkingFor({ ...first, messages }, { betas }).length,
    ]
  }

  test('requires the header with a budget', () => {
    const body = { model: opus41, thinking: enabled(4_000) }

    expect(loop(body)).toEqual([1, 0])
    expect(loop(body, [interleaved])).toEqual([1, 1])
  })

  test('requires tools', () => {
    expect(loop({ model: opus41, thinking: enabled(4_000), tools: [] }, [interleaved])).toEqual([1, 0])
  })

  test.each([sonnet37, 'claude-haiku-4-5-20251001'])(
    'does not happen for %s, which ignores the header',
    (model) => {
      expect(loop({ model, thinking: enabled(4_000) }, [interleaved])).toEqual([1, 0])
    },
  )

  test('is automatic with adaptive thinking', () => {
    expect(loop({ model: 'claude-sonnet-4-6', thinking: { type: 'adaptive' } })).toEqual([1, 1])
    expect(loop({ model: 'claude-opus-5' })).toEqual([1, 1])
  })

  test('is the only thinking with between_tools', () => {
    expect(loop({ model: 'claude-sonnet-5-5', thinking: { type: 'between_tools' } })).toEqual([0, 1])
    expect(loop({ model: 'claude-sonnet-5-5' })).toEqual([1, 1])
  })

  test('stays in its turn despite a system message in between', () => {
    const body = {
      model: 'claude-sonnet-5-5',
      tools: [weather],
      thinking: { type: 'between_tools' } as const,
    }
    const reminder = { role: 'system', content: 'The user has opened README.md.' } as const
    const called = answered({ ...body, messages: [question] }, [call('toolu_1')])

    expect(createThinkingFor({ ...body, messages: [question, reminder] })).toEqual([])
    expect(createThinkingFor({ ...body, messages: [...called, result('toolu_1'), reminder] })).toHaveLength(1)
  })

  test('restarts with the next question', () => {
    const body = { model: opus41, thinking: enabled(4_000), tools: [weather] }
    const messages = [
      ...answered({ ...body, messages: [question] }, [call('toolu_1')]),
      result('toolu_1'),
      { role: 'assistant', content: 'It is warm.' } as const,
      user('And tomorrow?'),
    ]

    expect(createThinkingFor({ ...body, messages })).toHaveLength(1)
  })
})

describe('the shown text', () => {
  test('is the full text on Sonnet 3.7, to the token', () => {
    const { chunks, hiddenTokens } = getShown({ model: sonnet37, thinking: enabled(2_000) })

    expect(chunks.length).toBe(hiddenTokens)
    expect(chunks.length).toBeGreaterThan(50)
  })

  test('is the full text on Sonnet 3.7 even if a summary is requested', () => {
    const summarized = getShown({ model: sonnet37, thinking: { ...enabled(2_000), display: 'summarized' } })

    expect(summarized).toEqual(getShown({ model: sonnet37, thinking: enabled(2_000) }))
  })

  test('is a summary on Claude 4, billed for the whole', () => {
    const { chunks, hiddenTokens } = getShown({ model: opus41, thinking: enabled(2_000) })

    expect(chunks.length).toBeGreaterThan(10)
    expect(hiddenTokens).toBeGreaterThan(chunks.length)
  })

  test.each(['claude-opus-4-7', 'claude-sonnet-5', 'claude-opus-5-5', 'claude-fable-5-2'])(
    'is empty on %s unless a summary is requested',
    (model) => {
      const omitted = getShown({ model, thinking: { type: 'adaptive' } })
      const summarized = getShown({ model, thinking: { type: 'adaptive', display: 'summarized' } })

      expect(omitted.chunks).toEqual([])
      expect(omitted.hiddenTokens).toBe(summarized.hiddenTokens)
      expect(omitted.signature.length).toBeGreaterThan(80)
      expect(summarized.chunks.join('')).toContain('suspension bridge')
    },
  )

  test('can be omitted on Claude 4 as well', () => {
    const { chunks, hiddenTokens } = getShown({
      model: 'claude-sonnet-4-5-20250929',
      thinking: { type: 'enabled', budget_tokens: 2_000, display: 'omitted' },
    })

    expect(chunks).toEqual([])
    expect(hiddenTokens).toBeGreaterThan(50)
  })

  test('is about the request and its tools', () => {
    const text = getShown({ model: opus41, thinking: enabled(2_000), tools: [weather] }).chunks.join('')

    expect(text).toContain('how a suspension bridge carries its load')
    expect(text).toContain('get_weather')
  })

  test('is the same for the same request, and signed differently with another seed', () => {
    const body = { model: opus41, messages: [question], thinking: enabled(2_000) }

    expect(thoughtFor(body)).toEqual(thoughtFor(body))
    expect(thoughtFor(body, { seed: 'b seed' })).not.toEqual(thoughtFor(body))
  })

  const getShown = (body: Omit<Body, 'messages'>) => {
    const block = thoughtFor({ ...body, messages: [question] })
    if (block.kind !== 'thinking') throw new Error('not thinking')
    return block
  }
})

describe('redacted thinking', () => {
  test('is triggered by the published test string', () => {
    const block = thoughtFor({ model: sonnet37, messages: [redacting], thinking: enabled(1_024) })

    expect(toBlock(block)).toEqual({ type: 'redacted_thinking', data: expect.stringMatching(/^E\S{100,}$/) })
    expect(getOutputTokens(block)).toBeGreaterThan(50)
  })

  test('happens at low effort as well', () => {
    const body = {
      model: 'claude-opus-4-6',
      messages: [redacting],
      output_config: { effort: 'low' },
    } as const

    expect(thoughtFor({ ...body, thinking: { type: 'adaptive' } }).kind).toBe('redacted_thinking')
  })

  test('requires thinking to be enabled', () => {
    expect(createThinkingFor({ model: sonnet37, messages: [redacting] })).toEqual([])
  })
})

describe('the amount of thinking', () => {
  test('grows with the effort', () => {
    const efforts = ['low', 'medium', 'high', 'xhigh', 'max'] as const
    const tokens = efforts.map((effort) =>
      getOutputTokens(
        thoughtFor({ model: 'claude-opus-5-5', messages: [question], output_config: { effort } }),
      ),
    )

    expect(tokens).toEqual(tokens.toSorted((one, other) => one - other))
    expect(new Set(tokens).size).toBe(efforts.length)
  })

  test('stays within the budget and leaves max_tokens room for an answer', () => {
    const budgets = fc.record({
      model: fc.constantFrom(sonnet37, opus41, 'claude-opus-4-6'),
      budget: fc.integer({ min: 1_024, max: 60_000 }),
      more: fc.integer({ min: 1, max: 4_000 }),
      text: fc.string({ maxLength: 300 }),
    })
    fc.assert(
      fc.property(budgets, ({ model, budget, more, text }) => {
        const max_tokens = budget + more
        const block = thoughtFor({ model, max_tokens, messages: [user(text)], thinking: enabled(budget) })

        expect(getOutputTokens(block)).toBeGreaterThan(0)
        expect(getOutputTokens(block)).toBeLessThanOrEqual(budget)
        expect(getOutputTokens(block)).toBeLessThanOrEqual(max_tokens / 3)
      }),
    )
  })

  test.each([sonnet37, opus41, 'claude-fable-5-1'])('keeps to a third of small max_tokens on %s', (model) => {
    const thinking = model === 'claude-fable-5-1' ? undefined : enabled(1_024)
    const ask = (max_tokens: number) =>
      createThinkingFor({ model, max_tokens, messages: [question], ...(thinking && { thinking }) })

    expect([0, 1, 2].flatMap(ask)).toEqual([])
    expect(
      [3, 4, 30, 100].map((max) => ask(max).reduce((sum, block) => sum + getOutputTokens(block), 0)),
    ).toEqual([1, 1, 10, 33])
  })

  test('never exceeds the budget over all thinking of one turn, and stops when it is used up', () => {
    const body = { model: opus41, thinking: enabled(1_024), tools: [weather], max_tokens: 4_000 }
    const options = { betas: [interleaved] }
    let messages = [question] as Body['messages']
    const spent: number[] = []
    for (let step = 0; step < 30; step += 1) {
      const made = createThinkingFor({ ...body, messages }, options)
      spent.push(made.reduce((sum, block) => sum + getOutputTokens(block), 0))
      const id = `toolu_${step}`
      messages = [...answered({ ...body, messages }, [call(id)], options), result(id)]
    }

    expect(spent.reduce((sum, tokens) => sum + tokens, 0)).toBe(1_024)
    expect(spent.at(0)).toBeGreaterThan(0)
    expect(spent.at(-1)).toBe(0)
    expect(
      createThinkingFor({ ...body, messages: [...messages, user('Thanks. And Rome?')] }, options),
    ).toHaveLength(1)
  })
})

function enabled(budget_tokens: number) {
  return { type: 'enabled', budget_tokens } as const
}
