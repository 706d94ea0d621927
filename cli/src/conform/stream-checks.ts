import { CheckSkip, ensure } from './check.ts'
import type { Check, Source } from './check.ts'
import { ensureStatus } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { hello } from './hello.ts'
import { ensurePositive } from './positive.ts'
import { streamMessage } from './stream-message.ts'

const usual = { input: 60, output: 16 }

/** Streams of every protocol. */
export function createStreamChecks(dialect: Dialect): readonly Check[] {
  const { protocol } = dialect
  const source: Source = protocol === 'bedrock' ? 'invokeStream' : 'streaming'
  return [
    {
      id: `${protocol}.stream.order`,
      asks: 'A stream has message_start, content blocks one after another, message_delta and message_stop, in this order.',
      source,
      tokens: usual,
      run: async (target) => void (await streamMessage(dialect, target, hello)),
    },
    {
      id: `${protocol}.stream.usage`,
      asks: 'message_start has the real input tokens, and message_delta the output tokens.',
      source: 'gateway',
      tokens: usual,
      async run(target) {
        const { inputTokens, outputTokens } = await streamMessage(dialect, target, hello)
        ensurePositive(inputTokens, 'input_tokens of message_start')
        ensurePositive(outputTokens, 'output_tokens of message_delta')
      },
    },
    {
      id: `${protocol}.stream.stop_reason`,
      asks: 'message_delta has the stop_reason.',
      source,
      tokens: { input: 60, output: 1 },
      async run(target) {
        const messages = [{ role: 'user', content: 'Count from 1 to 50.' }]
        const { stopReason } = await streamMessage(dialect, target, { max_tokens: 1, messages })
        ensure(stopReason === 'max_tokens', `stop_reason is ${String(stopReason)}, not max_tokens`)
      },
    },
    {
      id: `${protocol}.stream.incremental`,
      asks: 'Events are relayed at once and not collected.',
      source: 'gateway',
      tokens: { input: 60, output: 200 },
      async run(target) {
        const messages = [{ role: 'user', content: 'Count from 1 to 60 in words.' }]
        const answer = await dialect.ask(target, { max_tokens: 200, messages }, { stream: true })
        ensureStatus(answer, [200])
        const [firstMs = 0, lastMs = 0] = [answer.arrivedMs[0], answer.arrivedMs.at(-1)]
        if (lastMs < minTellingMs)
          throw new CheckSkip(`the whole stream took ${Math.round(lastMs)} ms, too short to tell`)
        const share = Math.round((firstMs / lastMs) * 100)
        ensure(share <= maxFirstShare, `the first bytes came after ${share} % of the stream's time`)
      },
    },
    {
      id: `${protocol}.stream.large_max_tokens`,
      asks: "A stream may ask for the model's whole output; a large max_tokens alone is no reason to refuse.",
      source: 'capture',
      tokens: usual,
      async run(target) {
        await streamMessage(dialect, target, { ...hello, max_tokens: target.facts.maxOutputTokens })
      },
    },
  ]
}

/** A stream that ends sooner may have come in one piece from a fast upstream. */
const minTellingMs = 300
/** In percent. A gateway that collects the stream has its first byte at the end. */
const maxFirstShare = 90
