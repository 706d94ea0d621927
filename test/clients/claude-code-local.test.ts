import { expect, test } from 'vitest'

import { findLocalEngine, localModel } from '../../gateway/test/upstreams/local-engine.ts'
import { localKey } from '../../gateway/test/running-gateway.ts'
import { makeWorkplace, runClaudeCode } from './claude-code.ts'

/** Two busy cores read 50 tokens of the prompt in a second, and it has 4,000. */
const maxAnswerMs = 240_000

const engine = findLocalEngine()

if ('missing' in engine) {
  test(`Claude Code did not ask a real local engine, because ${engine.missing}`, () => {
    expect(findLocalEngine()).toEqual(engine)
  })
} else {
  test(
    'Claude Code gets an answer of a real llama-server, with its own system prompt and all its tools',
    { timeout: maxAnswerMs + 60_000 },
    async () => {
      // Weights of this size do not end an answer by themselves, and Claude Code asks again for one that was cut.
      const gateway = await engine.startGateway(['-c', '32768', '--grammar', 'root ::= [A-Za-z ]{1,40} "."'])
      const variables = {
        ANTHROPIC_BASE_URL: gateway.url,
        ANTHROPIC_AUTH_TOKEN: localKey,
        ANTHROPIC_MODEL: localModel,
      }
      const aim = { variables, maxMs: maxAnswerMs }
      const flags = { 'output-format': 'json', 'max-turns': '1' }

      const printed = await runClaudeCode(aim, await makeWorkplace(), 'Say hello.', flags)

      expect(JSON.parse(printed.output), printed.errors).toMatchObject({
        subtype: 'success',
        is_error: false,
        stop_reason: 'end_turn',
        result: expect.stringMatching(/^[A-Za-z ]*\.$/),
      })
      expect(gateway.rows()).toMatchObject([
        { model: localModel, protocol: 'messages', streamed: 1, outcome: 'answered', cost_nano_usd: 0 },
      ])
    },
  )
}
