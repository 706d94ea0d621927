import { readStringAt } from '../body/parts.ts'
import { listElements, listMembers } from '../body/json-text.ts'
import type { JsonRange } from '../body/json-text.ts'
import type { ByteRange } from '../body/splice.ts'

/**
 * Finds the thinking blocks in the `messages` of an indexed body, as ranges to cut with `applyRanges`; every other byte
 * stays. Null if there are none, or if a message would be left without content.
 *
 * A service rejects a block whose signature it did not issue, and accepts a conversation without it
 * (platform.claude.com, build-with-claude/extended-thinking).
 */
export function cutThinkingBlocks(bytes: Uint8Array, messages: JsonRange): readonly ByteRange[] | null {
  const ranges: ByteRange[] = []
  for (const message of listElements(bytes, messages)) {
    const content = listMembers(bytes, message).get('content')
    if (content === undefined || bytes[content.start] !== openBracket) continue
    const blocks = listElements(bytes, content)
    const thinking = new Set(blocks.filter((block) => isThinking(bytes, block)))
    if (thinking.size === 0) continue
    if (thinking.size === blocks.length) return null
    ranges.push(...cutElements(blocks, thinking))
  }
  return ranges.length === 0 ? null : ranges
}

function isThinking(bytes: Uint8Array, block: JsonRange): boolean {
  if (bytes[block.start] !== openBrace) return false
  const type = listMembers(bytes, block).get('type')
  const name = type === undefined ? undefined : readStringAt(bytes, type.start)
  return name === 'thinking' || name === 'redacted_thinking'
}

/** A cut element takes the comma before it along, or the one after it if no remaining element precedes it. */
function cutElements(elements: readonly JsonRange[], cut: ReadonlySet<JsonRange>): readonly ByteRange[] {
  const ranges: ByteRange[] = []
  let staysBefore = false
  for (const [index, element] of elements.entries()) {
    if (!cut.has(element)) staysBefore = true
    else if (staysBefore)
      ranges.push({ start: elements[index - 1]?.end ?? element.start, end: element.end, text: '' })
    else ranges.push({ start: element.start, end: elements[index + 1]?.start ?? element.end, text: '' })
  }
  return ranges
}

const openBracket = 0x5b
const openBrace = 0x7b
