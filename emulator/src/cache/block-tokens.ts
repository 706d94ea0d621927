import { imageTokens, getTokenizer, toolTokens, valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { DocumentBlockParam, ImageBlockParam, InputBlock, Tool } from '@anthology/wire'

import { decodeLatin1, decodeLatin1Text } from '../media/base64.ts'
import { readImageSize, readBase64ImageSize } from '../media/image-size.ts'
import { countPdfPages } from '../media/pdf-pages.ts'
import { decodeSignature, getText } from '../thinking/signature.ts'
import { isThought } from '../thinking/turn.ts'
import type { TextTokenizer } from '@anthology/catalog'
import { withoutCacheControl } from './cache-control.ts'

/** An uploaded file that a block refers to. */
export interface FileContent {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/** The facts that the tokens of a block depend on, besides the block. */
export interface TokenContext {
  readonly model: Model
  /** The day whose formulas apply. */
  readonly day: string
  readonly tokenizer: TextTokenizer
  readonly tools: readonly Tool[]
  /** The seed of the thinking signatures, which record the length of the thinking. */
  readonly seed: string
  readonly openFile: (id: string) => FileContent | null
  /** The paths of dropped thinking, such as `messages.1.content.0`. */
  readonly droppedPaths: ReadonlySet<string>
  /** The first message whose thinking is read, if a context edit sets it; null: the model's own rule. */
  readonly thinkingFrom: number | null
}

export function countBlockTokens(block: InputBlock, context: TokenContext): number {
  const { tokenizer } = context
  if (block.type === 'text') return tokenizer.count(block.text)
  if (block.type === 'image') return countImageTokens(block, context)
  if (block.type === 'document') return countDocumentTokens(block, context)
  // The model reads its whole thinking again; the text is only a summary or empty.
  if (isThought(block)) return decodeSignature(block, context.seed)?.tokens ?? tokenizer.count(getText(block))
  if (block.type === 'tool_result')
    return (
      tokenizer.count(block.tool_use_id) + structureTokens + countContentTokens(block.content ?? [], context)
    )
  if (block.type === 'search_result')
    return tokenizer.count(`${block.title} ${block.source}`) + countContentTokens(block.content, context)
  if (block.type !== 'tool_reference') return countJsonTokens(withoutCacheControl(block), tokenizer)
  // The reference loads the definition at this position (agents-and-tools/tool-use).
  const tool = context.tools.find(({ name }) => name === block.tool_name)
  return tool ? countToolTokens(tool, context) : tokenizer.count(block.tool_name)
}

/** Anthropic's own tool definitions have a published size; any other counts its JSON. */
export function countToolTokens(tool: Tool, { model, day, tokenizer }: TokenContext): number {
  const { type = 'custom' } = tool
  const rows = toolTokens.filter((row) => type === row.tool || type?.startsWith(`${row.tool}_20`))
  // Before the first published figure the size is assumed to be the same.
  const row = valueOn(rows, day) ?? rows[0]
  if (!row) return countJsonTokens(withoutCacheControl(tool), tokenizer)
  const definitionTokens = getTokenizer(model).id === 'since-4.7' ? row.since47 : row.tokens
  return definitionTokens + (row.tool === 'computer' ? computerPromptTokens : 0)
}

/** The system prompt of computer use has 466 to 499 tokens (docs.claude.com, about-claude/pricing, Nov 2025). */
const computerPromptTokens = 499

function countContentTokens(content: string | readonly InputBlock[], context: TokenContext): number {
  if (typeof content === 'string') return context.tokenizer.count(content)
  return content.reduce((total, part) => total + countBlockTokens(part, context), 0)
}

/** Counts an image by its size, or as the largest image if the size is unknown, as for a URL. */
function countImageTokens({ source }: ImageBlockParam, context: TokenContext): number {
  if (source.type === 'url') return imageTokens(maxImage, context.model, context.day)
  if (source.type === 'base64')
    return imageTokens(readBase64ImageSize(source.data) ?? maxImage, context.model, context.day)
  const file = context.openFile(source.file_id)
  return imageTokens((file && readImageSize(file.bytes)) ?? maxImage, context.model, context.day)
}

/** The largest accepted image (docs.claude.com, build-with-claude/vision); it is scaled down like others. */
const maxImage = { width: 8_000, height: 8_000 } as const

function countDocumentTokens(block: DocumentBlockParam, context: TokenContext): number {
  const { source } = block
  const titleTokens = context.tokenizer.count(`${block.title ?? ''} ${block.context ?? ''}`) + structureTokens
  if (source.type === 'text') return titleTokens + context.tokenizer.count(source.data)
  if (source.type === 'content') return titleTokens + countContentTokens(source.content, context)
  if (source.type === 'url') return titleTokens + countPageTokens(1, context)
  if (source.type === 'base64') return titleTokens + countPdfTokens(decodeLatin1(source.data), context)
  const file = context.openFile(source.file_id)
  if (file?.mediaType.startsWith('text/'))
    return titleTokens + context.tokenizer.count(utf8.decode(file.bytes))
  return titleTokens + countPdfTokens(file && decodeLatin1Text(file.bytes), context)
}

function countPdfTokens(latin1: string | null, context: TokenContext): number {
  return countPageTokens((latin1 !== null ? countPdfPages(latin1) : null) ?? 1, context)
}

/**
 * A page counts as its text and an image of it (docs.claude.com, build-with-claude/pdf-support: 1,500 to 3,000 tokens of
 * text per page). The text is not read; the image is assumed to have the maximum size.
 */
function countPageTokens(pages: number, { model, day }: TokenContext): number {
  return pages * (pageTextTokens + imageTokens(maxImage, model, day))
}

const pageTextTokens = 1_500
const structureTokens = 2
const utf8 = new TextDecoder()

/** Iterative, because a client controls the depth of its tool inputs. */
export function countJsonTokens(value: unknown, tokenizer: TextTokenizer): number {
  let tokens = 0
  const open: unknown[] = [value]
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) {
        if (!Array.isArray(next)) tokens += tokenizer.count(name) + 1
        open.push(member)
      }
      tokens += structureTokens
    } else tokens += tokenizer.count(String(next)) + 1
  }
  return tokens
}
