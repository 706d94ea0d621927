import Anthropic from '@anthropic-ai/sdk'

type Kind = 'mail' | 'meeting' | 'paper'

const client = new Anthropic({ defaultHeaders: { 'anthropic-version': '2023-06-01' } })

const modelOf: Record<Kind, string> = {
  mail: 'claude-3-haiku-20240307',
  meeting: 'claude-sonnet-4-5',
  paper: 'claude-opus-4-1-20250805',
}

/** Summarises a text; short texts need no model. */
export async function summarise(kind: Kind, text: string): Promise<string> {
  if (text.length < 40) return text
  const message = await client.messages.create({
    model: modelOf[kind],
    max_tokens: 8192,
    messages: [{ role: 'user', content: `Summarise this ${kind}:\n${text}` }],
  })
  const first = message.content[0]
  return first?.type === 'text' ? first.text : ''
}

export async function outline(text: string) {
  return client.beta.messages.create({
    model: 'claude-opus-4-0',
    betas: ['interleaved-thinking-2025-05-14'],
    max_tokens: 32_000,
    thinking: { type: 'enabled', budget_tokens: 16_000 },
    stream: false,
    messages: [
      { role: 'user', content: 'Outline the text I send next.' },
      { role: 'assistant', content: 'Please send it.' },
      { role: 'user', content: text },
    ],
  })
}

const long = 'The committee met on Tuesday and decided to repair the bridge before winter. '.repeat(3)
for (const kind of ['mail', 'meeting', 'paper'] as const) await summarise(kind, long)
await outline(long)
