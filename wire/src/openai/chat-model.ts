/** A model as OpenAI's SDKs read it. */
export interface ChatModel {
  readonly id: string
  readonly object: 'model'
  /** Seconds since 1970. */
  readonly created: number
  readonly owned_by: 'anthropic'
}

export function chatModel(id: string, createdAt: string): ChatModel {
  return { id, object: 'model', created: Math.floor(Date.parse(createdAt) / 1_000), owned_by: 'anthropic' }
}
