import { imageTokens, getTokenizer, toolTokens, valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { DocumentBlockParam, ImageBlockParam, InputBlock, Tool } from '@anthology/wire'

import { decodeLatin1, decodeLatin1Text } from '../media/base64.ts'
import { imageSize, readBase64ImageSize } from '../media/image-size.ts'
import { countPdfPages } from '../media/pdf-pages.ts'
import { decodeSignature, getText } from '../thinking/signature.ts'
import { isThought } from '../thinking/turn.ts'
import type { Tokenizer } from '../generate/tokenizer.ts'
import { withoutMarks } from './marks.ts'

/** A file that was uploaded before, as a block may name it. */
export interface FileContent {
  readonly bytes: Uint8Array
  readonly mediaType: string
}

/** What the tokens of a block depend on beside the block. */
export interface Surroundings {
  readonly model: Model
  /** The day whose formulas hold. */
  readonly day: string
  readonly tokenizer: Tokenizer
  readonly tools: readonly Tool[]
  /** With it the emulator has signed its thinking, which tells how long it was. */
  readonly seed: string
  readonly openFile: (id: string) => FileContent | null
  /** Of thinking that the model does not get to see, such as `messages.1.content.0`. */
  readonly droppedPaths: ReadonlySet<string>
  /** The message from which on thinking is read, where an edit of the context says so; null: as the model does by itself. */
  readonly thinkingFrom: number | null
}

export function countBlockTokens(block: InputBlock, around: Surroundings): number {
  const { tokenizer } = around
  if (block.type === 'text') return tokenizer.count(block.text)
  if (block.type === 'image') return countImageTokens(block, around)
  if (block.type === 'document') return countDocumentTokens(block, around)
  // The model reads the whole of its thinking again, of which the text is a summary or nothing.
  if (isThought(block)) return decodeSignature(block, around.seed)?.tokens ?? tokenizer.count(getText(block))
  if (block.type === 'tool_result')
    return (
      tokenizer.count(block.tool_use_id) + structureTokens + countContentTokens(block.content ?? [], around)
    )
  if (block.type === 'search_result')
    return tokenizer.count(`${block.title} ${block.source}`) + countContentTokens(block.content, around)
  if (block.type !== 'tool_reference') return countJsonTokens(withoutMarks(block), tokenizer)
  // It stands for the definition, which is read here for the first time (agents-and-tools/tool-use).
  const tool = around.tools.find(({ name }) => name === block.tool_name)
  return tool ? countToolTokens(tool, around) : tokenizer.count(block.tool_name)
}

/** A definition of the service's own making has a published size, any other that of its JSON. */
export function countToolTokens(tool: Tool, { model, day, tokenizer }: Surroundings): number {
  const { type = 'custom' } = tool
  const rows = toolTokens.filter((row) => type === row.tool || type?.startsWith(`${row.tool}_20`))
  // Before the first figure was published the tool was no smaller.
  const row = valueOn(rows, day) ?? rows[0]
  if (!row) return countJsonTokens(withoutMarks(tool), tokenizer)
  const ofItself = getTokenizer(model).id === 'since-4.7' ? row.since47 : row.tokens
  return ofItself + (row.tool === 'computer' ? computerPromptTokens : 0)
}

/** The system prompt of computer use has 466 to 499 tokens (docs.claude.com, about-claude/pricing, Nov 2025). */
const computerPromptTokens = 499

function countContentTokens(content: string | readonly InputBlock[], around: Surroundings): number {
  if (typeof content === 'string') return around.tokenizer.count(content)
  return content.reduce((total, part) => total + countBlockTokens(part, around), 0)
}

/** By its size; where that is not to be had, as for a URL, by the largest there is. */
function countImageTokens({ source }: ImageBlockParam, around: Surroundings): number {
  if (source.type === 'url') return imageTokens(maxImage, around.model, around.day)
  if (source.type === 'base64')
    return imageTokens(readBase64ImageSize(source.data) ?? maxImage, around.model, around.day)
  const file = around.openFile(source.file_id)
  return imageTokens((file && imageSize(file.bytes)) ?? maxImage, around.model, around.day)
}

/** The most pixels that are taken (docs.claude.com, build-with-claude/vision); it is scaled down like others. */
const maxImage = { width: 8_000, height: 8_000 } as const

function countDocumentTokens(block: DocumentBlockParam, around: Surroundings): number {
  const { source } = block
  const ofTitle = around.tokenizer.count(`${block.title ?? ''} ${block.context ?? ''}`) + structureTokens
  if (source.type === 'text') return ofTitle + around.tokenizer.count(source.data)
  if (source.type === 'content') return ofTitle + countContentTokens(source.content, around)
  if (source.type === 'url') return ofTitle + countPageTokens(1, around)
  if (source.type === 'base64') return ofTitle + countPdfTokens(decodeLatin1(source.data), around)
  const file = around.openFile(source.file_id)
  if (file?.mediaType.startsWith('text/')) return ofTitle + around.tokenizer.count(utf8.decode(file.bytes))
  return ofTitle + countPdfTokens(file && decodeLatin1Text(file.bytes), around)
}

function countPdfTokens(latin1: string | null, around: Surroundings): number {
  return countPageTokens((latin1 !== null ? countPdfPages(latin1) : null) ?? 1, around)
}

/**
 * A page is its text and a picture of it (docs.claude.com, build-with-claude/pdf-support: 1,500 to
 * 3,000 tokens of text a page). The text is not read; a page is taken to be as large as pictures get.
 */
function countPageTokens(pages: number, { model, day }: Surroundings): number {
  return pages * (pageTextTokens + imageTokens(maxImage, model, day))
}

const pageTextTokens = 1_500
const structureTokens = 2
const utf8 = new TextDecoder()

/** Walks without recursion, for a client decides how deep its tools' inputs go. */
export function countJsonTokens(value: unknown, tokenizer: Tokenizer): number {
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
