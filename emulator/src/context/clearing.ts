import type { MessagesRequest } from '@anthology/wire'

/** The part of a conversation that the model reads. */
export interface View {
  readonly request: MessagesRequest
  /** The first message whose thinking is read; null: the model's own rule. */
  readonly thinkingFrom: number | null
}

/** The effect of an edit; it is skipped if it clears fewer tokens than `minTokens`. */
export interface Clearing {
  readonly view: View
  readonly applied: Omit<AppliedEdit, 'type' | 'cleared_input_tokens'>
  readonly minTokens: number
}

/** An applied edit, as the response reports it (types of SDK 1.12). */
export interface AppliedEdit {
  readonly type: string
  readonly cleared_thinking_turns?: number
  readonly cleared_tool_uses?: number
  readonly cleared_input_tokens: number
}
