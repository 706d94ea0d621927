import type { Message } from '@anthology/wire'
import type { AppliedEdit } from '../context/clearing.ts'
import type { Container } from '../server-tools/container.ts'

/** With what only some requests are answered. */
export interface MessageResult extends Message {
  /** Where code was executed. */
  readonly container?: Container
  readonly context_management?: { readonly applied_edits: readonly AppliedEdit[] }
}
