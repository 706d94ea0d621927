const body = "{\"model\": \"claude-sonnet-5-5\", \"max_tokens\": 100, \"messages\": []}"
const base = { max_tokens: 100 }
const shared = { top_p: 0.5 }
const client = require('@anthropic-ai/sdk')
client.messages.create({ ...base, model: 'claude-sonnet-5-5', messages: [] })
client.messages.create({ ...shared, model: 'claude-sonnet-4-0', max_tokens: 1, messages: [] })
client.messages.create({ ...shared, model: 'claude-opus-4-0', max_tokens: 1, messages: [] })
client.messages.create({ model: 'claude-3-' + '7-sonnet-20250219', max_tokens: 1, messages: [] })
