/**
 * Renames a header for OpenAI clients, which know the rate limits by other names (docs.claude.com,
 * api/openai-sdk, Nov 2025).
 */
export function nameChatHeader(name: string): string {
  const [, kind, figure] = rateLimit.exec(name) ?? []
  return kind && figure ? `x-ratelimit-${figure}-${kind}` : name
}

const rateLimit = /^anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)$/
