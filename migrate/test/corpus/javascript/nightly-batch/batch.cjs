'use strict'

const base = process.env.ANTHROPIC_BASE_URL ?? 'https://api.anthropic.com'
const headers = {
  'content-type': 'application/json',
  'x-api-key': process.env.ANTHROPIC_API_KEY ?? 'sk-ant-test',
  'anthropic-version': '2023-06-01',
}

const SMALL = 'claude-3-haiku-20240307'

/** Body for one product; short descriptions only. */
function toRequest({ name, facts }) {
  return {
    model: SMALL,
    max_tokens: 4096,
    temperature: 0,
    top_p: 1,
    system: 'Write a description of at most two sentences.',
    messages: [{ role: 'user', content: `${name}: ${facts.join(', ')}` }],
  }
}

async function describe(product) {
  const response = await fetch(`${base}/v1/messages`, {
    method: 'POST',
    headers,
    body: JSON.stringify(toRequest(product)),
  })
  if (!response.ok) throw new Error(await response.text())
  return response.json()
}

async function countTokens(text) {
  const response = await fetch(`${base}/v1/messages/count_tokens`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ model: 'claude-3-5-haiku-20241022', messages: [{ role: 'user', content: text }] }),
  })
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()).input_tokens
}

describe({ name: 'Bell', facts: ['brass', 'loud'] })
  .then(async (message) => console.log(message.usage.output_tokens, await countTokens('bell')))
  .catch((error) => {
    console.error(error.message)
    process.exit(1)
  })
