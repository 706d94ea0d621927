import type { MessagesRequest } from '@anthology/wire'

import type { Segment } from '../cache/segment.ts'
import { planThinkingClearing } from './clear-thinking.ts'
import { planToolClearing } from './clear-tool-uses.ts'
import type { View, AppliedEdit } from './clearing.ts'

export interface ManagedContext {
  readonly segments: readonly Segment[]
  readonly applied: readonly AppliedEdit[]
  /** The size of the prompt before the edits. */
  readonly originalTokens: number
}

/**
 * Applies the edits of `context_management` in order (docs.claude.com, build-with-claude/context-editing, Nov 2025);
 * null if the request has none. The client keeps its full history: it sends all messages again, and the same parts are
 * cleared again. Compaction is not emulated.
 */
export function manageContext(
  request: MessagesRequest,
  read: (view: View) => readonly Segment[],
): ManagedContext | null {
  const management = request.context_management ?? null
  if (management === null) return null
  const { edits = [] } = management
  // An edit of thinking overrides the model's own rule for earlier thinking.
  const editsThinking = edits.some(({ type }) => type === 'clear_thinking_20251015')
  let view: View = { request, thinkingFrom: editsThinking ? 0 : null }
  let segments = read(view)
  const originalTokens = sumTokens(segments)
  const applied: AppliedEdit[] = []
  for (const edit of edits) {
    const clearing =
      edit.type === 'clear_thinking_20251015'
        ? planThinkingClearing(edit, view)
        : edit.type === 'clear_tool_uses_20250919'
          ? planToolClearing(edit, view, sumTokens(segments))
          : null
    if (!clearing) continue
    const left = read(clearing.view)
    const cleared = sumTokens(segments) - sumTokens(left)
    if (cleared < Math.max(1, clearing.minTokens)) continue
    applied.push({ type: edit.type, ...clearing.applied, cleared_input_tokens: cleared })
    view = clearing.view
    segments = left
  }
  return { segments, applied, originalTokens }
}

function sumTokens(segments: readonly Segment[]): number {
  return segments.reduce((total, { tokens }) => total + tokens, 0)
}
