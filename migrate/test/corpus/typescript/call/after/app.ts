import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({
})

// claude-3-opus-20240229 was too slow here
const DEFAULT_MODEL = process.env['MODEL'] ?? 'claude-sonnet-5-5'

export async function ask(question: string): Promise<string> {
  const message = await client.messages.create({
    model: DEFAULT_MODEL,
    max_tokens: 128_000,
    messages: [{ role: 'user', content: question }],
  })
  const [block] = message.content
  return block?.type === 'text' ? block.text : ''
}

export const think = (question: string) =>
  client.messages.stream({ model: 'claude-sonnet-5-5', max_tokens: 20000, thinking: { type: 'adaptive' }, messages: [{ role: 'user', content: question }] })

await ask('Why?')
await think('Why not?')
