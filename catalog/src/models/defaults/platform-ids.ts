/**
 * The ids that the clouds form from the id of the Claude API. Up to the 4.5 generation it ends in a date, which each
 * cloud writes in its own way and Foundry omits; from the 4.6 generation on only Bedrock adds a prefix.
 */
export function formPlatformIds(id: string): {
  readonly bedrock: string
  readonly vertex: string
  readonly foundry: string
} {
  const name = removeDate(id)
  if (name === id) return { bedrock: `anthropic.${id}`, vertex: id, foundry: id }
  const date = id.slice(name.length + 1)
  return { bedrock: `anthropic.${id}-v1:0`, vertex: `${name}@${date}`, foundry: name }
}

/** `claude-opus-4-1` for `claude-opus-4-1-20250805`; an id without a date stays as it is. */
export function removeDate(id: string): string {
  return id.replace(/-\d{8}$/, '')
}
