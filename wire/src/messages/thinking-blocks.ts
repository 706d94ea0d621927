import { readStringAt } from '../body/parts.ts'
import { listElements, listMembers } from '../body/json-text.ts'
import type { JsonRange } from '../body/json-text.ts'
import type { ByteRange } from '../body/splice.ts'

/** The thinking of a conversation, found in its bytes. */
export interface ThinkingCut {
  /** What to cut with `applyRanges`; every other byte stays. */
  readonly ranges: readonly ByteRange[]
  /** The number of messages whose thinking is cut, from the first one on. */
  readonly messages: number
  /** The first answer of the current turn does not begin with thinking any more. */
  readonly opensWithoutThinking: boolean
}

/**
 * Finds the thinking blocks in the first `count` of the `messages` of an indexed body. Null if there are none, or if no
 * message would be left. A message of nothing but thinking is cut as a whole: the API combines its neighbours, also if
 * both are of one role (platform.claude.com, api/messages).
 *
 * A service rejects a block whose signature it did not issue, and accepts a conversation without it
 * (platform.claude.com, build-with-claude/extended-thinking).
 */
export function cutThinkingBlocks(
  bytes: Uint8Array,
  messages: JsonRange,
  count = Infinity,
): ThinkingCut | null {
  const elements = listElements(bytes, messages)
  const ranges: ByteRange[] = []
  const emptied = new Set<JsonRange>()
  let turn: TurnStart = null
  for (const [index, element] of elements.entries()) {
    const { role, blocks } = readMessage(bytes, element)
    const thinking = new Set(index < count ? blocks.filter((block) => isThinking(bytes, block)) : [])
    const isEmptied = thinking.size > 0 && thinking.size === blocks.length
    if (isEmptied) emptied.add(element)
    else ranges.push(...cutElements(blocks, thinking))
    if (role === 'user') turn = startsTurn(bytes, blocks) ? null : turn
    else if (turn === null && !isEmptied)
      turn = { first: blocks.find((block) => !thinking.has(block)) ?? null }
  }
  if (ranges.length + emptied.size === 0 || emptied.size === elements.length) return null
  ranges.push(...cutElements(elements, emptied))
  const first = turn?.first
  return {
    ranges: ranges.toSorted((one, other) => one.start - other.start),
    messages: Math.min(count, elements.length),
    opensWithoutThinking:
      turn !== null && (first === null || first === undefined || !isThinking(bytes, first)),
  }
}

/** Whether a conversation contains thinking that a service has issued. */
export function hasThinkingBlocks(bytes: Uint8Array, messages: JsonRange): boolean {
  return listElements(bytes, messages).some((message) =>
    readMessage(bytes, message).blocks.some((block) => isThinking(bytes, block)),
  )
}

/** The first block of the first answer of the current turn, null for a text; null before an answer. */
type TurnStart = { readonly first: JsonRange | null } | null

/** A content that is a string has no blocks. */
function readMessage(
  bytes: Uint8Array,
  message: JsonRange,
): { readonly role: string | undefined; readonly blocks: readonly JsonRange[] } {
  const members = listMembers(bytes, message)
  const [role, content] = [members.get('role'), members.get('content')]
  return {
    role: role === undefined ? undefined : readStringAt(bytes, role.start),
    blocks: content !== undefined && bytes[content.start] === openBracket ? listElements(bytes, content) : [],
  }
}

/** A tool loop is one turn: a message of tool results alone continues it (build-with-claude/extended-thinking). */
function startsTurn(bytes: Uint8Array, blocks: readonly JsonRange[]): boolean {
  return blocks.length === 0 || blocks.some((block) => readType(bytes, block) !== 'tool_result')
}

function isThinking(bytes: Uint8Array, block: JsonRange): boolean {
  const type = readType(bytes, block)
  return type === 'thinking' || type === 'redacted_thinking'
}

function readType(bytes: Uint8Array, block: JsonRange): string | undefined {
  if (bytes[block.start] !== openBrace) return undefined
  const type = listMembers(bytes, block).get('type')
  return type === undefined ? undefined : readStringAt(bytes, type.start)
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
