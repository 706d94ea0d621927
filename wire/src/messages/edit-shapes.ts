import {
  boolean,
  chosen,
  integer,
  list,
  literal,
  optional,
  orNull,
  record,
  required,
  tagged,
  text,
  textOr,
} from './shape.ts'
import type { Shape } from './shape.ts'

/**
 * The edits in `context_management` (docs.claude.com, build-with-claude/context-editing, Nov 2025; compaction
 * from platform.claude.com, build-with-claude/compaction, and SDK 1.12, 2026).
 */
const type = required(text)
const count = (least: number): Shape => record({ type, value: required(integer(least)) })

const clearInputs = chosen((value) => (Array.isArray(value) ? list(text) : boolean))

const keptThinking = textOr(tagged({ thinking_turns: count(1), all: record({ type }) }), literal('all'))

export const editShape: Shape = tagged({
  clear_tool_uses_20250919: record({
    type,
    trigger: optional(tagged({ input_tokens: count(1), tool_uses: count(1) })),
    keep: optional(tagged({ tool_uses: count(0) })),
    clear_at_least: orNull(tagged({ input_tokens: count(0) })),
    exclude_tools: orNull(list(text)),
    clear_tool_inputs: orNull(clearInputs),
  }),
  clear_thinking_20251015: record({ type, keep: optional(keptThinking) }),
  compact_20260112: record({
    type,
    trigger: orNull(tagged({ input_tokens: count(50_000) })),
    pause_after_compaction: optional(boolean),
    instructions: orNull(text),
  }),
})
