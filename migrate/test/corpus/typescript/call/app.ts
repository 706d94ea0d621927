import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic({
  defaultHeaders: { 'anthropic-beta': 'output-128k-2025-02-19' },
})

// claude-3-opus-20240229 was too slow here
const DEFAULT_MODEL = process.env['MODEL'] ?? 'claude-3-7-sonnet-20250219'

export async function ask(question: string): Promise<string> {
  const message = await client.messages.create({
    model: DEFAULT_MODEL,
    max_tokens: 128_000,
    temperature: 0.7, // a little creative
    top_k: 40,
    messages: [{ role: 'user', content: question }],
  })
  const [block] = message.content
  return block?.type === 'text' ? block.text : ''
}

export const think = (question: string) =>
  client.messages.stream({ model: 'claude-opus-4-0', max_tokens: 20000, thinking: { type: 'enabled', budget_tokens: 10000 }, messages: [{ role: 'user', content: question }] })

await ask('Why?')
await think('Why not?')
