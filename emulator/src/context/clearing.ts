import type { MessagesRequest } from '@anthology/wire'

/** What the model gets to see of a conversation. */
export interface View {
  readonly request: MessagesRequest
  /** The message from which on earlier thinking is read; null: as the model does by itself. */
  readonly thinkingFrom: number | null
}

/** What an edit would do; it is left out where it clears fewer tokens than `leastTokens`. */
export interface Clearing {
  readonly view: View
  readonly applied: Omit<AppliedEdit, 'type' | 'cleared_input_tokens'>
  readonly minTokens: number
}

/** An edit that cleared something, as the answer tells of it (types of SDK 1.12). */
export interface AppliedEdit {
  readonly type: string
  readonly cleared_thinking_turns?: number
  readonly cleared_tool_uses?: number
  readonly cleared_input_tokens: number
}
