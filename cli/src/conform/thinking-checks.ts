import { CheckSkip, ensure } from './check.ts'
import type { Check } from './check.ts'
import { readMessage } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { streamMessage } from './stream-message.ts'

/** Thinking blocks, which are signed. */
export function createThinkingChecks(dialect: Dialect): readonly Check[] {
  const { protocol } = dialect
  return [
    {
      id: `${protocol}.thinking.round_trip`,
      asks: 'A streamed thinking block has a signature, and is accepted unchanged in the next turn.',
      source: 'thinking',
      tokens: { input: 300, output: 3_000 },
      async run(target) {
        const { thinking } = target.facts
        if (thinking === null) throw new CheckSkip(`${target.model} does not think`)
        const options = { max_tokens: thinking.maxTokens, thinking: thinking.value }
        const question = { role: 'user', content: 'Is 7919 a prime number? Answer yes or no.' }
        const { content } = await streamMessage(dialect, target, { ...options, messages: [question] })
        const blocks = content.filter(({ type }) => type === 'thinking' || type === 'redacted_thinking')
        if (blocks.length === 0) throw new CheckSkip(`${target.model} answered without thinking`)
        const unsigned = blocks.find(({ type, signature }) => type === 'thinking' && !signature)
        ensure(unsigned === undefined, 'a thinking block has no signature')
        const messages = [
          question,
          { role: 'assistant', content },
          { role: 'user', content: 'Answer with one word: sure?' },
        ]
        readMessage(await dialect.ask(target, { ...options, messages }))
      },
    },
  ]
}
