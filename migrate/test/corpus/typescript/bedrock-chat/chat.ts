// Talks to Bedrock over plain HTTPS; the gateway in front signs the request.
const endpoint = process.env['ANTHROPIC_BASE_URL'] ?? 'https://bedrock-runtime.eu-west-1.amazonaws.com'

const MODEL_ID = 'eu.anthropic.claude-3-7-sonnet-20250219-v1:0'

async function post(path: string, body: object): Promise<any> {
  const response = await fetch(endpoint + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer test' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return response.json()
}

/** Asks with Converse. */
export async function converse(question: string): Promise<string> {
  const answer = await post(`/model/${encodeURIComponent(MODEL_ID)}/converse`, {
    messages: [{ role: 'user', content: [{ text: question }] }],
    inferenceConfig: { maxTokens: 2000 },
  })
  return answer.output.message.content.map((block: { text?: string }) => block.text ?? '').join('')
}

/** Asks with InvokeModel, whose body is the one of the Messages API. */
export async function invoke(question: string): Promise<string> {
  const id = 'us.anthropic.claude-sonnet-4-20250514-v1:0'
  const answer = await post(`/model/${encodeURIComponent(id)}/invoke`, {
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 2000,
    messages: [{ role: 'user', content: question }],
  })
  return answer.content.map((block: { text?: string }) => block.text ?? '').join('')
}

await converse('What is the tide?')
await invoke('And the moon?')
