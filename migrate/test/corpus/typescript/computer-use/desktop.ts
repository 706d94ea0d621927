import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()

export async function step(screenshot: string) {
  return client.beta.messages.create({
    model: 'claude-haiku-4-5-20251001',
    max_tokens: 8192,
    betas: ['computer-use-2025-01-24'],
    tools: [
      { type: 'computer_20250124', name: 'computer', display_width_px: 1024, display_height_px: 768 },
    ],
    messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: screenshot } }] }],
  })
}

/** Prefills the answer, which the newer models refuse. */
export async function yesOrNo(question: string) {
  return client.messages.create({
    model: 'claude-3-5-haiku-latest',
    max_tokens: 1,
    messages: [
      { role: 'user', content: question },
      { role: 'assistant', content: 'The answer is (' },
    ],
  })
}
