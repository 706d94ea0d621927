/** Shown in the settings page. */
export const example = `curl https://api.anthropic.com/v1/messages \\
  -H "anthropic-version: 2023-06-01" \\
  -d '{"model": "claude-sonnet-5-5", "max_tokens": 1024, "messages": [{"role": "user", "content": "Hi"}]}'`

export const help = 'See https://www.anthropic.com/news/claude-3-7-sonnet for the announcement.'
export const packageName = '@acme/claude-code-action'
export const beta = 'claude-code-20250219'
export const plugin = 'claude-mem'
