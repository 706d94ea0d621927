import { describe, expect, test } from 'vitest'
import type { InputBlock, MessageParam } from '@anthology/wire'

import { toBlock } from '../../src/generate/completion.ts'
import { answered, call, interleaved, result, thoughtFor, user, verify, weather } from './exchange.ts'
import type { Body, ExchangeOptions } from './exchange.ts'

const question = user('What is the weather in Paris, and what should I wear there this evening?')
const opus41 = 'claude-opus-4-1-20250805'
const sonnet4 = 'claude-sonnet-4-20250514'
const opus45 = 'claude-opus-4-5-20251101'
const thinking = { type: 'enabled', budget_tokens: 2_000 } as const
const redacting = user(
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB',
)

const off = { type: 'disabled' } as const
const accepted = { ok: true, dropped: [] }
const cannotBeModified =
  '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. These blocks must remain as they were in the original response.'
const invalidSignature = 'Invalid `signature` in `thinking` block'
const invalidData = 'Invalid `data` in `redacted_thinking` block'

describe('thinking that is returned unchanged', () => {
  test.each([
    ['claude-3-7-sonnet-20250219', thinking],
    [sonnet4, thinking],
    [opus41, thinking],
    [opus45, thinking],
    ['claude-haiku-4-5-20251001', thinking],
    ['claude-sonnet-4-6', { type: 'adaptive' }],
    ['claude-opus-4-8', { type: 'adaptive', display: 'summarized' }],
    ['claude-sonnet-5-5', { type: 'between_tools' }],
    ['claude-fable-5-2', { type: 'adaptive' }],
  ] as const)('is accepted in a loop of tools by %s', (model, config) => {
    expect(verify(getLoop({ model, thinking: config }))).toEqual(accepted)
  })

  test('is accepted with the content of its message spread over several', () => {
    const body = getLoop({ model: opus41, thinking })
    const [asked, answer, ...more] = body.messages
    const [thought, ...rest] = listContent(answer)
    const messages: MessageParam[] = [
      ...(asked ? [asked] : []),
      { role: 'assistant', content: thought ? [thought] : [] },
      { role: 'assistant', content: rest },
      ...more,
    ]

    expect(verify({ ...body, messages })).toEqual(accepted)
  })

  test('is accepted when a paused answer continues', () => {
    const body = { model: 'claude-opus-4-8', thinking: { type: 'adaptive' } as const, messages: [question] }
    const search = { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} } as const
    const found = { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] } as const
    const paused = { ...body, messages: answered(body, [search, found]) }
    const resumed = { ...paused, messages: answered(paused, [{ type: 'text', text: 'It is warm.' }]) }

    expect(listContent(resumed.messages.at(-1))[0]?.type).toBe('thinking')
    expect(verify({ ...resumed, messages: [...resumed.messages, user('Thanks.')] })).toEqual(accepted)
  })

  test('is accepted redacted', () => {
    expect(verify(getLoop({ model: opus41, thinking, messages: [redacting] }))).toEqual(accepted)
  })
})

describe('thinking that was changed', () => {
  const body = getLoop({ model: opus41, thinking })

  test('is rejected with another text', () => {
    const changed = withFirst(body, (block) => ({ ...block, thinking: 'I thought of nothing.' }))

    expect(verify(changed)).toEqual(refused(`messages.1.content.0: ${cannotBeModified}`))
  })

  test('is rejected without its text', () => {
    const changed = withFirst(body, (block) => ({ ...block, thinking: '' }))

    expect(verify(changed)).toEqual(refused(`messages.1.content.0: ${cannotBeModified}`))
  })

  test('is rejected with a text if none was shown', () => {
    const omitted = getLoop({ model: opus41, thinking: { ...thinking, display: 'omitted' } })
    const changed = withFirst(omitted, (block) => ({ ...block, thinking: 'What it may have been.' }))

    expect(verify(changed)).toEqual(refused(`messages.1.content.0: ${cannotBeModified}`))
  })

  test('is rejected at another position', () => {
    const [asked, answer, results] = body.messages
    const content = listContent(answer).toReversed()
    const messages = [asked, { role: 'assistant', content } as const, results].filter((each) => !!each)

    expect(verify({ ...body, thinking: off, messages })).toEqual(accepted)
    expect(verify({ ...body, messages })).toEqual(refused(missing('tool_use')))
    const adaptive = withReversed(getLoop({ model: 'claude-opus-4-6', thinking: { type: 'adaptive' } }))
    expect(verify(adaptive)).toEqual(refused(`messages.1.content.1: ${cannotBeModified}`))
  })

  test.each([
    ['an empty signature', ''],
    ['a signature of the service', 'EqQBCgIYAhIMtTIc3jLtv5bGcDsjGgyf2qDmCYWTcyMvmyEiMG8k'],
    ['any text for a signature', 'signed, the client'],
  ])('is refused with %s', (_, signature) => {
    const changed = withFirst(body, (block) => ({ ...block, signature }))

    expect(verify(changed)).toEqual(refused(`messages.1.content.0: ${invalidSignature}`))
  })

  test('is rejected with the signature of another block', () => {
    const other = toBlock(thoughtFor({ model: opus41, thinking, messages: [user('Say something else.')] }))
    const changed = withFirst(body, (block) => ({ ...other, ...getText(block) }))

    expect(verify(changed)).toEqual(refused(`messages.1.content.0: ${cannotBeModified}`))
  })

  test('is rejected by an emulator with another seed', () => {
    expect(verify(body, { seed: 'b seed' })).toEqual(refused(`messages.1.content.0: ${invalidSignature}`))
  })

  test('is rejected with other redacted data, even a signature', () => {
    const redacted = getLoop({ model: opus41, thinking, messages: [redacting] })
    const data = (text: string): Body =>
      withFirst(redacted, () => ({ type: 'redacted_thinking', data: text }))
    const signature =
      JSON.stringify(listContent(body.messages[1])[0]).match(/"signature":"([^"]+)"/)?.[1] ?? ''

    expect(signature).not.toBe('')
    for (const text of ['', 'ErYECkYI', signature])
      expect(verify(data(text))).toEqual(refused(`messages.1.content.0: ${invalidData}`))
    expect(verify(redacted, { seed: 'b seed' })).toEqual(refused(`messages.1.content.0: ${invalidData}`))
  })
})

describe('thinking that is missing', () => {
  test('is required when a turn with a budget continues after a tool', () => {
    const body = withoutThinking(getLoop({ model: opus41, thinking }))

    expect(verify(body)).toEqual(refused(missing('tool_use')))
  })

  test('is required before a text as well', () => {
    const messages: MessageParam[] = [
      question,
      { role: 'assistant', content: [{ type: 'text', text: 'Let me see.' }, call('toolu_1')] },
      result('toolu_1'),
    ]

    expect(verify({ model: opus41, thinking, messages })).toEqual(refused(missing('text')))
  })

  test('is required only at the start of the turn', () => {
    const body = getLoop({ model: opus41, thinking })
    const messages: MessageParam[] = [
      ...body.messages,
      { role: 'assistant', content: [call('toolu_2')] },
      result('toolu_2'),
    ]

    expect(verify({ ...body, messages })).toEqual(accepted)
  })

  test('is not required in earlier turns, with adaptive thinking, or without thinking', () => {
    const bare = withoutThinking(getLoop({ model: opus41, thinking }))
    const messages = [...bare.messages, { role: 'assistant', content: 'Warm.' } as const, user('Thanks.')]

    expect(verify({ ...bare, messages })).toEqual(accepted)
    expect(verify({ ...bare, thinking: off })).toEqual(accepted)
    expect(verify({ ...bare, model: 'claude-sonnet-4-6', thinking: { type: 'adaptive' } })).toEqual(accepted)
  })
})

describe('thinking of earlier turns', () => {
  const nextTurn = (model: string): Body => {
    const body = withFirst(getLoop({ model, thinking }), (block) => ({ ...block, signature: 'changed' }))
    const answer = { role: 'assistant', content: 'Warm.' } as const
    return { ...body, messages: [...body.messages, answer, user('And tomorrow?')] }
  }

  test('is dropped without verification by models that keep only the current turn', () => {
    for (const model of ['claude-3-7-sonnet-20250219', sonnet4, opus41, 'claude-haiku-4-5-20251001'])
      expect(verify(nextTurn(model))).toEqual(accepted)
  })

  test('is verified by models that keep it', () => {
    for (const model of [opus45, 'claude-opus-4-6', 'claude-sonnet-4-6'])
      expect(verify(nextTurn(model))).toEqual(refused(`messages.1.content.0: ${invalidSignature}`))
  })

  test('is rejected with another text by models that keep it, although it is not the latest', () => {
    const body = withFirst(getLoop({ model: opus45, thinking }), (block) => ({ ...block, thinking: 'Hm.' }))
    const messages = [...body.messages, { role: 'assistant', content: 'Warm.' } as const, user('Thanks.')]

    expect(verify({ ...body, messages })).toEqual(refused(`messages.1.content.0: ${invalidSignature}`))
  })

  test('is ignored by a request without thinking', () => {
    const body = nextTurn(opus45)

    expect(verify({ ...body, thinking: off })).toEqual(accepted)
    expect(verify({ ...body, model: 'claude-3-5-haiku-20241022', thinking: off })).toEqual(accepted)
  })
})

function getLoop(given: Partial<Body> & Pick<Body, 'model'>, options: ExchangeOptions = {}): Body {
  const first = { tools: [weather], messages: [question], ...given }
  const withBeta = { betas: [interleaved], ...options }
  return { ...first, messages: [...answered(first, [call('toolu_1')], withBeta), result('toolu_1')] }
}

function listContent(message: MessageParam | undefined): readonly InputBlock[] {
  return typeof message?.content === 'object' ? message.content : []
}

/** Applies a change to the first block of the first answer. */
function withFirst(body: Body, change: (block: InputBlock) => object): Body {
  const [asked, answer, ...more] = body.messages
  const [first, ...rest] = listContent(answer)
  if (!asked || !first) throw new Error('no answer to change')
  // The changed block may be invalid, which is the purpose of the test.
  const content = [change(first) as InputBlock, ...rest]
  return { ...body, messages: [asked, { role: 'assistant', content }, ...more] }
}

function withReversed(body: Body): Body {
  const messages = body.messages.map((message) =>
    message.role === 'assistant' ? { ...message, content: listContent(message).toReversed() } : message,
  )
  return { ...body, messages }
}

function withoutThinking(body: Body): Body {
  const messages = body.messages.map((message) =>
    message.role === 'assistant'
      ? { ...message, content: listContent(message).filter(({ type }) => type !== 'thinking') }
      : message,
  )
  return { ...body, messages }
}

function getText(block: InputBlock): object {
  return block.type === 'thinking' ? { thinking: block.thinking } : {}
}

function refused(message: string) {
  return { ok: false, message }
}

function missing(found: string): string {
  return (
    `messages.1.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${found}\`. When \`thinking\` is enabled, ` +
    'a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). ' +
    'We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. ' +
    'Please consult our documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
  )
}
