import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()

/** Reads an invoice; the answer starts in the middle of a JSON object. */
export async function readInvoice(text) {
  const reply = await client.messages.create({
    model: 'claude-3-5-sonnet-20241022',
    max_tokens: 8192,
    messages: [
      { role: 'user', content: `Return the invoice as JSON.\n${text}` },
      { role: 'assistant', content: '{"number":' },
    ],
    stop_sequences: ['}\n'],
  })
  return JSON.parse('{"number":' + reply.content[0].text + '}')
}

/** Must call the tool. */
export async function classify(mail) {
  return client.messages.create({
    model: 'claude-sonnet-4-20250514',
    max_tokens: 8192,
    tools: [{ name: 'set_label', description: 'Sets the label', input_schema: { type: 'object', properties: {} } }],
    tool_choice: { type: 'any' },
    messages: [{ role: 'user', content: mail }],
  })
}

/** An example of an answer comes before the question, which is no prefill. */
export async function sentiment(review) {
  return client.messages.create({
    model: 'claude-sonnet-4-20250514',
    max_tokens: 8192,
    messages: [
      { role: 'user', content: 'The bell is too quiet.' },
      { role: 'assistant', content: 'negative' },
      { role: 'user', content: review },
    ],
  })
}

/** Old turns are cut, which changes the prefix that thinking blocks are bound to. */
export async function chat(history) {
  return client.messages.create({
    model: 'claude-3-7-sonnet-20250219',
    max_tokens: 8192,
    messages: history.slice(-10),
  })
}
