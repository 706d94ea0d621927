import { CheckSkip, ensure } from './check.ts'
import type { Check, Target } from './check.ts'
import { readMessage } from './dialect.ts'
import type { Dialect } from './dialect.ts'
import { streamMessage } from './stream-message.ts'
import { forecast, weatherTool } from './weather.ts'

/** Tool calls and their results. */
export function createToolChecks(dialect: Dialect): readonly Check[] {
  const { protocol } = dialect
  return [
    {
      id: `${protocol}.tools.stream`,
      asks: 'A tool call is streamed as a block with id and name, and partial JSON that joins to its input.',
      source: 'tools',
      tokens: { input: 700, output: 128 },
      async run(target) {
        const call = await streamToolCall(dialect, target)
        for (const member of ['id', 'name'])
          ensure(typeof call[member] === 'string' && call[member] !== '', `the tool call has no ${member}`)
      },
    },
    {
      id: `${protocol}.tools.result`,
      asks: 'A tool call can be answered with its result in the next turn.',
      source: 'tools',
      tokens: { input: 1_500, output: 192 },
      async run(target) {
        const call = await streamToolCall(dialect, target)
        const [question] = forecast['messages'] as readonly unknown[]
        const result = { type: 'tool_result', tool_use_id: call['id'], content: 'Rain, 14 degrees' }
        const messages = [
          question,
          { role: 'assistant', content: [call] },
          { role: 'user', content: [result] },
        ]
        readMessage(await dialect.ask(target, { max_tokens: 64, tools: [weatherTool], messages }))
      },
    },
  ]
}

async function streamToolCall(dialect: Dialect, target: Target): Promise<Readonly<Record<string, unknown>>> {
  const forced = target.facts.forcesTools && { tool_choice: { type: 'tool', name: weatherTool.name } }
  const { content, stopReason } = await streamMessage(dialect, target, { ...forecast, ...forced })
  const call = content.find(({ type }) => type === 'tool_use')
  if (call === undefined && !target.facts.forcesTools)
    throw new CheckSkip(`${target.model} answered without a tool call`)
  ensure(call !== undefined, 'the answer has no tool call, although one was required')
  ensure(stopReason === 'tool_use', `stop_reason is ${String(stopReason)}, not tool_use`)
  return call
}
