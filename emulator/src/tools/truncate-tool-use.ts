import type { ToolUseBlock } from '../generate/completion.ts'
import { splitFineGrained, splitIntoMembers } from './deltas.ts'

/**
 * Truncates a tool call; null if not even its name fits. Members are streamed one at a time and complete
 * (docs.claude.com, build-with-claude/streaming), so the input has the complete members, and its JSON is closed, so that
 * stream and plain response agree (inferred). With fine-grained streaming the JSON is cut anywhere
 * (agents-and-tools/tool-use/fine-grained-tool-streaming).
 */
export function truncateToolUse(block: ToolUseBlock, tokens: number): ToolUseBlock | null {
  if (tokens < 0) return null
  const text = block.tokenizer.split(block.chunks.join('')).slice(0, tokens).join('')
  const members = splitIntoMembers(block.input)
  let length = 0
  const kept = members.slice(0, -1).filter((member) => (length += member.length) <= text.length)
  const input = Object.fromEntries(Object.entries(block.input).slice(0, kept.length))
  if (block.isFineGrained) return { ...block, input, chunks: splitFineGrained(text, block.tokenizer) }
  return { ...block, input, chunks: kept.length === 0 ? [] : [...kept, '}'] }
}
