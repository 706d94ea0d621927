import { CheckSkip, ensure } from './check.ts'
import type { Check } from './check.ts'
import { ensureStatus } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { hello } from './hello.ts'

/** Errors in the shape of the protocol. */
export function createErrorChecks(dialect: Dialect): readonly Check[] {
  return [...createRequestErrorChecks(dialect), ...createKeyErrorChecks(dialect)]
}

function createRequestErrorChecks(dialect: Dialect): readonly Check[] {
  const { protocol, statuses } = dialect
  const broken = { messages: hello['messages'] }
  return [
    {
      id: `${protocol}.error.invalid`,
      asks: 'A request without max_tokens gets a 400 in the shape of the protocol that names the member.',
      source: 'errors',
      async run(target) {
        const answer = await dialect.ask(target, broken)
        ensureStatus(answer, [400])
        const message = dialect.readError(answer)
        ensure(message.includes('max_tokens'), `the message does not name max_tokens: ${message}`)
      },
    },
    {
      id: `${protocol}.error.invalid_stream`,
      asks: 'A stream that is refused gets an error status, not a stream.',
      source: 'errors',
      async run(target) {
        const answer = await dialect.ask(target, broken, { stream: true })
        ensureStatus(answer, [400])
        dialect.readError(answer)
      },
    },
    {
      id: `${protocol}.error.model`,
      asks: `An unknown model gets ${statuses.model.join(' or ')} in the shape of the protocol.`,
      source: 'errors',
      async run(target) {
        const answer = await dialect.ask(target, hello, { model: 'claude-conformance-0' })
        ensureStatus(answer, statuses.model)
        dialect.readError(answer)
      },
    },
    {
      id: `${protocol}.error.too_long`,
      asks: 'A prompt that exceeds the window gets a 400 or 413 with a phrase that makes Claude Code compact.',
      source: 'gateway',
      async run(target) {
        const content = 'word '.repeat(Math.ceil(target.facts.contextTokens * 1.25))
        const answer = await dialect.ask(target, { max_tokens: 1, messages: [{ role: 'user', content }] })
        ensureStatus(answer, [400, 413])
        const message = dialect.readError(answer)
        ensure(tooLong.test(message), `Claude Code does not know the message: ${message.slice(0, 200)}`)
      },
    },
  ]
}

function createKeyErrorChecks(dialect: Dialect): readonly Check[] {
  const { protocol, statuses } = dialect
  return [
    {
      id: `${protocol}.error.credential`,
      asks: `A wrong key gets ${statuses.credential.join(' or ')} in the shape of the protocol.`,
      source: 'errors',
      async run(target) {
        const answer = await dialect.ask(target, hello, { key: 'sk-conformance-wrong-key' })
        ensureStatus(answer, statuses.credential)
        dialect.readError(answer)
      },
    },
    {
      id: `${protocol}.error.no_credential`,
      asks: 'A call without a credential is refused, not answered.',
      source: 'errors',
      async run(target) {
        const answer = await dialect.ask(target, hello, { key: null })
        ensureStatus(answer, [401, 403])
        dialect.readError(answer)
      },
    },
    {
      id: `${protocol}.error.retry`,
      asks: 'The refusal of a key has x-should-retry: false, so that Claude Code does not retry for minutes.',
      source: 'gateway',
      async run(target) {
        const { headers } = await dialect.ask(target, hello, { key: 'sk-conformance-wrong-key' })
        const value = headers['x-should-retry']
        ensure(value === 'false', `x-should-retry is ${value ?? 'missing'}, not false`)
      },
    },
    {
      id: `${protocol}.error.rate`,
      asks: 'A key over its limit gets a 429 with retry-after in seconds.',
      source: 'gateway',
      tokens: { input: 0, output: 0 },
      async run(target) {
        if (target.limitedKey === null)
          throw new CheckSkip('give a key that is over its limit as --limited-key')
        const answer = await dialect.ask(target, hello, { key: target.limitedKey })
        ensureStatus(answer, [429])
        dialect.readError(answer)
        const after = answer.headers['retry-after'] ?? 'missing'
        ensure(/^\d+$/.test(after), `retry-after is ${after}, not a number of seconds`)
      },
    },
  ]
}

/** The phrases that Claude Code recognizes. */
const tooLong =
  /prompt is too long|input is too long|exceed context limit|prompt_too_long|maximum context length|context_length_exceeded/i
