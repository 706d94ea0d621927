const Anthropic = require('@anthropic-ai/sdk')

const anthropic = new Anthropic()
const MODELS = ['claude-3-5-sonnet-20241022', 'claude-sonnet-5-5', 'claude-3-5-haiku-20241022']

async function chat(messages) {
  const options = {
    model: "claude-sonnet-5-5",
    max_tokens: 4096,
    messages
  }
  return anthropic.messages.create(options)
}

async function tidy(history) {
  while (history.length > 20) history.shift()
  const reply = await anthropic.messages.create({ model: MODELS[0], max_tokens: 10, messages: history })
  return reply.content[0].text
}

module.exports = { chat, tidy }
chat([{ role: 'user', content: 'Hello' }])
