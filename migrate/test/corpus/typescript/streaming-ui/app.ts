import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()

/** A short answer for the status line. */
export async function statusLine(text: string): Promise<string> {
  const reply = await client.messages.create({
    model: 'claude-opus-4-8',
    max_tokens: 200,
    messages: [{ role: 'user', content: `In five words: ${text}` }],
  })
  return reply.content[0]?.text ?? ''
}

/** Without thinking, as before. */
export async function quick(text: string) {
  return client.messages.create({
    model: 'claude-opus-4-20250514',
    max_tokens: 200,
    thinking: { type: 'disabled' },
    messages: [{ role: 'user', content: text }],
  })
}

export async function explain(text: string) {
  const reply = await client.messages.create({
    model: 'claude-opus-4-1',
    max_tokens: 16_000,
    temperature: 1,
    messages: [{ role: 'user', content: `Explain: ${text}` }],
  })
  switch (reply.stop_reason) {
    case 'end_turn':
    case 'max_tokens':
      return reply.content.length
    case 'tool_use':
      throw new Error('no tools were offered')
    default:
      return 0
  }
}

console.log(await statusLine('The train is late.'), (await quick('Hello')).stop_reason, await explain('tides'))
