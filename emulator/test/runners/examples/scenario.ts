import type { Scenario } from '@anthology/emulator'

/** The scenario of the example tests, and what they do with it. */
export const scenario: Scenario = {
  version: 1,
  rules: [
    { when: { last_user: 'Hello' }, reply: { text: 'Good day.' } },
    { name: 'moon', when: { last_user: 'moon' }, reply: { text: 'Full.' } },
  ],
}

/** Asks over the port, and returns the text of the answer. */
export async function ask(url: string, text: string, fetchOver = fetch): Promise<string> {
  const response = await fetchOver(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 20,
      messages: [{ role: 'user', content: text }],
    }),
  })
  const { content } = (await response.json()) as { content: { text: string }[] } // A message of the API.
  return content[0]?.text ?? ''
}
