/** A model in the form that OpenAI SDKs expect. */
export interface ChatModel {
  readonly id: string
  readonly object: 'model'
  /** Unix time in seconds. */
  readonly created: number
  readonly owned_by: 'anthropic'
}

export function chatModel(id: string, createdAt: string): ChatModel {
  return { id, object: 'model', created: Math.floor(Date.parse(createdAt) / 1_000), owned_by: 'anthropic' }
}
