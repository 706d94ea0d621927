const Anthropic = require('@anthropic-ai/sdk')

const client = new Anthropic({
  defaultHeaders: { 'anthropic-beta': 'output-128k-2025-02-19' },
})

const defaults = {
  model: process.env.CHAT_MODEL || 'claude-3-7-sonnet-20250219',
  max_tokens: 64000,
}

/** Keeps the last turns of each room in memory. */
const rooms = new Map()

async function say(room, text) {
  const turns = rooms.get(room) ?? []
  turns.push({ role: 'user', content: text })
  const reply = await client.messages.create({ ...defaults, messages: turns })
  turns.push({ role: 'assistant', content: reply.content })
  rooms.set(room, turns)
  return reply
}

async function title(text) {
  const reply = await client.messages.create({
    model: 'claude-3-5-sonnet-latest',
    max_tokens: 30,
    temperature: 0.2, // titles should not vary
    top_p: 0.9,
    messages: [{ role: 'user', content: 'Give a title to: ' + text }],
  })
  return reply.content[0]?.text
}

async function main() {
  await say('bikes', 'Which tyre fits a 622 rim?')
  console.log(await title('A talk about tyres'))
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
