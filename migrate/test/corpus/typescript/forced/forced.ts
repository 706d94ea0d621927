import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()

await client.messages.create({
  model: 'claude-sonnet-4-5',
  max_tokens: 1000,
  tools: [{ name: 'save', description: 'Saves it', input_schema: { type: 'object', properties: {} } }],
  tool_choice: { type: 'tool', name: 'save' },
  messages: [{ role: 'user', content: 'Save this.' }],
})

export async function withTemperature(temperature: number) {
  return client.messages.create({
    model: 'claude-sonnet-4-5-20250929',
    max_tokens: 1000,
    temperature,
    messages: [{ role: 'user', content: 'Hello' }],
  })
}
