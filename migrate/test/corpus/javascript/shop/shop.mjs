import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()
const FAST = process.env.SHOP_FAST_MODEL ?? 'claude-3-5-haiku-20241022'

const searchTool = {
  name: 'search_products',
  description: 'Searches the products of the shop',
  input_schema: { type: 'object', properties: { words: { type: 'string' } }, required: ['words'] },
}

/** Finds products for a wish; the tool must be called. */
export async function find(wish) {
  return client.messages.create({
    model: 'claude-3-haiku-20240307',
    max_tokens: 8192,
    thinking: { type: 'disabled' },
    temperature: 0,
    tools: [searchTool],
    tool_choice: { type: 'tool', name: 'search_products' },
    messages: [{ role: 'user', content: wish }],
  })
}

export async function advise(wish) {
  return client.messages.create({
    model: FAST,
    max_tokens: 8192,
    temperature: 0.4,
    top_k: 64,
    messages: [{ role: 'user', content: `Which of our products fits? ${wish}` }],
  })
}

export async function summariseReviews(reviews) {
  const { content } = await client.messages.create({
    model: 'claude-haiku-4-5-20251001',
    max_tokens: 12000,
    thinking: { type: 'enabled', budget_tokens: 4000 },
    messages: [{ role: 'user', content: reviews.join('\n---\n') }],
  })
  return content.filter(({ type }) => type === 'text').map(({ text }) => text)
}

const wish = 'A quiet bell for a child'
await find(wish)
await advise(wish)
console.log((await summariseReviews(['Too loud.', 'Just right.'])).length)
