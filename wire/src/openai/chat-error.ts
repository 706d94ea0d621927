/** The error body of the OpenAI-compatible endpoints; `type` is that of the Messages API. */
export interface ChatError {
  readonly error: {
    readonly code: string
    readonly message: string
    readonly type: string
    readonly param: null
  }
}

export function chatError(type: string, message: string): ChatError {
  return { error: { code: type, message, type, param: null } }
}
