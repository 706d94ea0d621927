import { getErrorType, readError } from '../messages/error-envelope.ts'

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

/** Translates the body of an upstream's error. */
export function translateChatError(status: number, body: Uint8Array): ChatError {
  const { type, message } = readError(status, body)
  return chatError(type ?? getErrorType(status), message)
}
