/** Shown on the start page, to be copied. */
export const curlExample = `curl https://api.anthropic.com/v1/messages \\
  --header "x-api-key: $ANTHROPIC_API_KEY" \\
  --header "anthropic-version: 2023-06-01" \\
  --data '{
    "model": "claude-3-5-sonnet-20241022",
    "max_tokens": 8192,
    "temperature": 0.5,
    "messages": [{ "role": "user", "content": "Hello" }]
  }'`

export enum ClaudeModels {
  Claude35Sonnet = 'claude-3-5-sonnet-latest',
  Default = 'claude-sonnet-4-20250514',
}

/** USD per token. */
export const modelInfo = [
  { name: 'claude-3-7-sonnet-20250219', promptTokenCost: 3e-6, completionTokenCost: 15e-6, maxTokens: 64000 },
]

export const sampleReply = {
  id: 'msg_01',
  model: 'claude-3-5-sonnet-20241022',
  stop_reason: 'end_turn',
}
