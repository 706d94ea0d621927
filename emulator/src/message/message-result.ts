import type { Message } from '@anthology/wire'
import type { AppliedEdit } from '../context/clearing.ts'
import type { Container } from '../server-tools/container.ts'

/** A message with the members that only some responses have. */
export interface MessageResult extends Message {
  /** Present if code was executed. */
  readonly container?: Container
  readonly context_management?: { readonly applied_edits: readonly AppliedEdit[] }
}
