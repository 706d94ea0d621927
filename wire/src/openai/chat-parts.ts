import { isRecord } from '../body/json-value.ts'
import { correctMediaType, fileBlock, imageBlock } from './chat-media.ts'
import type { ChatPart, ChatTurn } from './chat-request.ts'
import { ignore, isGiven, notice } from './translation.ts'
import type { JsonBody, Translation } from './translation.ts'

/**
 * The blocks of a turn's content, except for calls and results. Blank texts are left out, because the
 * Messages API rejects them; a part that has no equivalent is left out with a notice.
 */
export function toBlocks(translation: Translation, turn: ChatTurn): readonly JsonBody[] {
  const { role, content } = turn
  const listed = typeof content === 'string' ? [{ type: 'text', text: content }] : (content ?? [])
  const parts = role === 'assistant' ? joinAdjacent(listed) : listed
  const blocks = parts.map((part) => toBlock(translation, role, part)).filter(isGiven)
  const refusal = role === 'assistant' && blocks.length === 0 ? (turn.refusal ?? '') : ''
  return isBlank(refusal) ? blocks : [{ type: 'text', text: refusal }]
}

/** The parts of the content that are calls or results in the form of the Messages API. */
export function listNativeParts(
  { content }: ChatTurn,
  type: 'tool_use' | 'tool_result',
): readonly ChatPart[] {
  return Array.isArray(content) ? content.filter((part: ChatPart) => part.type === type) : []
}

/** Joins adjacent texts of an answer: a blank part between two others may separate their words. */
function joinAdjacent(parts: readonly ChatPart[]): readonly ChatPart[] {
  const joined: ChatPart[] = []
  for (const part of parts) {
    const last = joined.at(-1)
    const [before, text] = [last && !last.cache_control ? getText(last) : null, getText(part)]
    if (before === null || text === null) joined.push(part)
    else joined[joined.length - 1] = { ...part, type: 'text', text: before + text }
  }
  return joined
}

/** The text of all parts, joined. */
export function joinTexts(translation: Translation, { role, content }: ChatTurn): string {
  if (typeof content === 'string') return content
  return (content ?? [])
    .map((part) => {
      const text = getText(part)
      if (text === null) ignorePart(translation, role, part.type)
      return text ?? ''
    })
    .join('')
}

/** The text of a part, or null if it is not text. */
export function getText({ type, text, refusal }: ChatPart): string | null {
  if (textTypes.has(type)) return text ?? ''
  return type === 'refusal' ? (refusal ?? '') : null
}

/** The second and third name are those of OpenAI's Responses API. */
const textTypes: ReadonlySet<string> = new Set(['text', 'input_text', 'output_text'])

export function ignorePart(translation: Translation, role: string, type: string): void {
  ignore(translation, `${type.slice(0, 60)} parts of ${role} messages`)
}

/** Moves the cache mark of a turn to the last of its blocks that can have one. */
export function markLast(
  blocks: readonly JsonBody[],
  { cache_control: mark }: ChatTurn,
): readonly JsonBody[] {
  if (!mark) return blocks
  const at = blocks.findLastIndex(({ type }) => type !== 'thinking' && type !== 'redacted_thinking')
  return blocks.map((block, index) => (index === at ? { ...block, cache_control: mark } : block))
}

function toBlock(translation: Translation, role: ChatTurn['role'], part: ChatPart): JsonBody | null {
  const mark = part.cache_control ? { cache_control: part.cache_control } : null
  const text = getText(part)
  if (text !== null) {
    if (!isBlank(text)) return mark ? { type: 'text', text, ...mark } : { type: 'text', text }
    notice(translation, 'blank texts were left out')
    return null
  }
  if (part.type === 'tool_use' || part.type === 'tool_result') return null
  const block = role === 'assistant' ? toThought(part) : toMedia(translation, part)
  if (block === null) ignorePart(translation, role, part.type)
  return block && { ...block, ...mark }
}

/** The API accepts thinking only with Claude's signature, which the thinking of other models lacks. */
function toThought(part: ChatPart): JsonBody | null {
  const isSigned = part.type === 'thinking' && typeof part['signature'] === 'string'
  return isSigned || part.type === 'redacted_thinking' ? part : null
}

function toMedia(translation: Translation, part: ChatPart): JsonBody | null {
  if (nativeMedia.has(part.type)) return correctMediaType(part)
  const { type, image_url: image, file } = part
  if ((type === 'image_url' || type === 'input_image') && image) {
    const detail: unknown = typeof image === 'string' ? part['detail'] : image.detail
    if (detail !== undefined && detail !== null && detail !== 'auto') ignore(translation, 'detail of images')
    return imageBlock(typeof image === 'string' ? image : image.url)
  }
  if (type === 'file' && file) return fileBlock(file)
  return type === 'input_file' ? fileBlock(part) : null
}

const nativeMedia: ReadonlySet<string> = new Set(['image', 'document', 'search_result', 'container_upload'])

export function isBlank(text: string): boolean {
  return !/\S/.test(text)
}

/** The cache mark of a value; null if it has none. */
export function readMark(value: unknown): JsonBody | null {
  return isRecord(value) && isRecord(value['cache_control']) ? value['cache_control'] : null
}
