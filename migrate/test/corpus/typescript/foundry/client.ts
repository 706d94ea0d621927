import AnthropicFoundry from '@anthropic-ai/foundry-sdk'

/** The name is the one of our deployment in the Azure portal. */
const DEPLOYMENT = process.env['AZURE_DEPLOYMENT'] ?? 'claude-sonnet-4-5'

const client = new AnthropicFoundry({ resource: 'acme-ai' })

export async function ask(question: string) {
  return client.messages.create({
    model: DEPLOYMENT,
    max_tokens: 8192,
    messages: [{ role: 'user', content: question }],
  })
}
