import { readRecord } from '@anthology/wire'

import { ensure } from './check.ts'
import type { Check, Source } from './check.ts'
import { readMessage } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { hello } from './hello.ts'
import { ensurePositive } from './positive.ts'

const usual = { input: 60, output: 16 }

/** Answers that are not streamed. */
export function createAnswerChecks(dialect: Dialect): readonly Check[] {
  const { protocol } = dialect
  const source: Source = protocol === 'messages' ? 'messages' : protocol === 'bedrock' ? 'invoke' : 'vertex'
  return [
    {
      id: `${protocol}.answer.message`,
      asks: 'A call that is not streamed gets a message with id, role, model and content.',
      source,
      tokens: usual,
      async run(target) {
        const message = readMessage(await dialect.ask(target, hello))
        for (const member of ['id', 'model'])
          ensure(
            typeof message[member] === 'string' && message[member] !== '',
            `the message has no ${member}`,
          )
        ensure(message['role'] === 'assistant', `the role is ${String(message['role'])}, not assistant`)
        ensure(Array.isArray(message['content']), 'the message has no content')
      },
    },
    {
      id: `${protocol}.answer.usage`,
      asks: 'The usage of a message has the real input and output tokens.',
      source: 'gateway',
      tokens: usual,
      async run(target) {
        const usage = readRecord(readMessage(await dialect.ask(target, hello)), 'usage')
        ensurePositive(usage?.['input_tokens'], 'usage.input_tokens')
        ensurePositive(usage?.['output_tokens'], 'usage.output_tokens')
      },
    },
    {
      id: `${protocol}.answer.stop_reason`,
      asks: 'An answer that reaches max_tokens says so in stop_reason.',
      source,
      tokens: { input: 60, output: 1 },
      async run(target) {
        const messages = [{ role: 'user', content: 'Count from 1 to 50.' }]
        const { stop_reason: reason } = readMessage(await dialect.ask(target, { max_tokens: 1, messages }))
        ensure(reason === 'max_tokens', `stop_reason is ${String(reason)}, not max_tokens`)
      },
    },
  ]
}
