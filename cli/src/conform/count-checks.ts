import { isRecord, parseJson } from '@anthology/wire'

import { CheckSkip, ensure } from './check.ts'
import type { Check, Source } from './check.ts'
import { ensureStatus } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { hello } from './hello.ts'
import { ensurePositive } from './positive.ts'
import { weatherTool } from './weather.ts'

/** Token counts, which Claude Code sends in bursts. */
export function createCountChecks(dialect: Dialect): readonly Check[] {
  const { protocol, countMember } = dialect
  const source: Source =
    protocol === 'messages' ? 'counting' : protocol === 'bedrock' ? 'bedrockCount' : 'vertexCount'
  return [
    {
      id: `${protocol}.count_tokens.answer`,
      asks: `A token count has a positive ${countMember}, or is refused with 404, or with 501 and x-should-retry: false.`,
      source,
      async run(target) {
        const answer = await dialect.count(target, { messages: hello['messages'] })
        const retry = answer.headers['x-should-retry']
        if (answer.status === 501)
          ensure(retry === 'false', `the 501 has x-should-retry ${retry ?? 'missing'}, not false`)
        if (answer.status === 404 || answer.status === 501)
          throw new CheckSkip(`the gateway does not count tokens: ${answer.status}`)
        ensureStatus(answer, [200])
        const counted = parseJson(answer.text)
        ensurePositive(isRecord(counted) ? counted[countMember] : undefined, countMember)
      },
    },
    {
      id: `${protocol}.count_tokens.burst`,
      asks: 'A burst of 25 token counts, as for /context, is answered alike.',
      source: 'capture',
      async run(target) {
        const body = { messages: hello['messages'], tools: [weatherTool] }
        const answers = await Promise.all(Array.from({ length: 25 }, () => dialect.count(target, body)))
        const statuses = [...new Set(answers.map(({ status }) => status))]
        ensure(statuses.length === 1, `the statuses differ: ${statuses.join(', ')}`)
        const [status = 0] = statuses
        ensure([200, 404, 501].includes(status), `the status is ${status}, not 200, 404 or 501`)
      },
    },
  ]
}
