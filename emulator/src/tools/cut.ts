import type { ToolUseBlock } from '../generate/completion.ts'
import { fineDeltas, memberTexts } from './deltas.ts'

/**
 * What is left of a call that the tokens ran out in; null where not even its name was told. Members
 * come one at a time and complete (docs.claude.com, build-with-claude/streaming), so those that came
 * whole are the input, inferred: closed, so that the stream tells the same input as the plain answer.
 * With fine-grained streaming the JSON just breaks off (agents-and-tools/tool-use/fine-grained-tool-streaming).
 */
export function cutToolUse(block: ToolUseBlock, tokens: number): ToolUseBlock | null {
  if (tokens < 0) return null
  const text = block.tokenizer.split(block.chunks.join('')).slice(0, tokens).join('')
  const members = memberTexts(block.input)
  let length = 0
  const kept = members.slice(0, -1).filter((member) => (length += member.length) <= text.length)
  const input = Object.fromEntries(Object.entries(block.input).slice(0, kept.length))
  if (block.isFineGrained) return { ...block, input, chunks: fineDeltas(text, block.tokenizer) }
  return { ...block, input, chunks: kept.length === 0 ? [] : [...kept, '}'] }
}
