const host = process.env['ANTHROPIC_BASE_URL'] ?? 'https://aiplatform.googleapis.com'
const project = process.env['GOOGLE_CLOUD_PROJECT'] ?? 'demo-project'

/** The newest first; the second answers when the quota of the first is used up. */
const candidates = ['claude-3-5-sonnet-v2@20241022', 'claude-sonnet-4@20250514']

export async function ask(question: string, model = 'claude-3-7-sonnet@20250219'): Promise<string> {
  const url = `${host}/v1/projects/${project}/locations/global/publishers/anthropic/models/${model}:rawPredict`
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: 'Bearer test', 'content-type': 'application/json' },
    body: JSON.stringify({
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 1024,
      messages: [{ role: 'user', content: question }],
    }),
  })
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  const message = (await response.json()) as { content: { text?: string }[] }
  return message.content.map(({ text }) => text ?? '').join('')
}

console.log(candidates.length, (await ask('Where is the river?')).length)
