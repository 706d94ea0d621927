import Anthropic from '@anthropic-ai/sdk'
import { settings } from './config.ts'

const client = new Anthropic()

interface Ticket {
  readonly id: number
  readonly subject: string
  readonly body: string
}

/** Writes a first answer to a ticket; a person sends it. */
async function draftAnswer(ticket: Ticket): Promise<string> {
  const message = await client.messages.create({
    model: settings.model,
    max_tokens: settings.maxTokens,
    temperature: 0.4,
    system: 'You answer tickets of a shop for bicycles. Be brief and kind.',
    messages: [{ role: 'user', content: `${ticket.subject}\n\n${ticket.body}` }],
  })
  return message.content.map((block: { text?: string }) => block.text ?? '').join('')
}

/** Thinks about a ticket that the first answer did not solve. */
async function analyse(ticket: Ticket): Promise<number> {
  const message = await client.messages.create({
    model: 'claude-opus-4-20250514',
    max_tokens: 24_000,
    thinking: {
      type: 'enabled',
      budget_tokens: 12_000,
    },
    messages: [{ role: 'user', content: `Why does this customer write again? ${ticket.body}` }],
  })
  return message.content.length
}

/** The queue that a ticket belongs to, in one word. */
async function route(ticket: Ticket) {
  return client.messages.create({
    model: 'claude-sonnet-4-0',
    max_tokens: 64,
    top_p: 0.9,
    thinking: { type: 'disabled' },
    messages: [{ role: 'user', content: `Queue of: ${ticket.subject}` }],
  })
}

const ticket = { id: 7, subject: 'Brakes', body: 'They squeak when it rains.' }
console.log((await draftAnswer(ticket)).length, await analyse(ticket), (await route(ticket)).stop_reason)
