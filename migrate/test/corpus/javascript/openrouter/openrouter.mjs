/** Ids that get a reasoning budget. */
export const reasoningModels = new Set([
  'anthropic/claude-3.7-sonnet:thinking',
  'anthropic/claude-sonnet-4',
  'openai/o3-mini',
])

export async function chat(messages) {
  const response = await fetch('https://openrouter.ai/api/v1/chat/completions', {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.OPENROUTER_API_KEY}` },
    body: JSON.stringify({
      model: 'anthropic/claude-3.5-sonnet',
      models: ['anthropic/claude-3.7-sonnet', 'openai/gpt-4o'],
      max_tokens: 8192,
      messages,
    }),
  })
  return response.json()
}

export const isThinking = (id) => id.endsWith(':thinking') || id.includes('claude-3.7')
