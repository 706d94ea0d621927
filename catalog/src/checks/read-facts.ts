import type { ImageFact, ImageSize, PdfFact, RequestFacts, ToolFact } from './request-facts.ts'
import { jsonBytes } from '../tokens/json-size.ts'
import { isRecord } from '../record.ts'

/** Header names in any case, with one or several values, as HTTP libraries return them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/**
 * Reads the facts of a parsed request body. A member of an unexpected shape is left out, so `check` reports
 * nothing about it: the schema validates shapes. Never throws for a parsed JSON value.
 */
export function readFacts(
  body: unknown,
  headers: RequestHeaders = {},
  { sized = true, media }: FactsOptions = {},
): RequestFacts {
  const members = toMembers(body)
  const tools = listTools(members['tools'])
  const all = listBlocks(members)
  return present({
    ...readOptionFacts(members),
    stream: members['stream'] === true,
    ...toolFacts(tools),
    betas: readBetas(members, headers),
    api_version: getText(members['anthropic_version']) ?? findHeader(headers, 'anthropic-version'),
    ...messageFacts(members['messages']),
    ...blockFacts(all),
    ...placedFacts(members['messages'], media),
    cache_ttls: cacheTtls(members, all, tools),
    ...(sized && computeSizes(body, members)),
    body_members: givenMembers(members),
  })
}

/** Reads the members other than prompt and tools; they are short and can be read alone. */
export function readOptionFacts(members: Members): RequestFacts {
  const [thinking, config] = [toMembers(members['thinking']), toMembers(members['output_config'])]
  const edits = toList(toMembers(members['context_management'])['edits'])
  return {
    max_tokens: toNumber(members['max_tokens']),
    temperature: toNumber(members['temperature']),
    top_p: toNumber(members['top_p']),
    top_k: toNumber(members['top_k']),
    thinking_type: getText(thinking['type']),
    budget_tokens: toNumber(thinking['budget_tokens']),
    thinking_display: getText(thinking['display']),
    thinking_members: givenMembers(thinking),
    effort: getText(config['effort']),
    output_format: isRecord(config['format']) || isRecord(members['output_format']) ? true : undefined,
    config_members: givenMembers(config),
    container_members: givenMembers(toMembers(members['container'])),
    edit_types: edits.map((edit) => getText(toMembers(edit)['type']) ?? ''),
    inference_geo: getText(members['inference_geo']),
    speed: getText(members['speed']),
    tool_choice_type: getText(toMembers(members['tool_choice'])['type']),
  }
}

export interface FactsOptions {
  /** False omits `body_bytes` and `input_bytes`, which cost a scan of every character. */
  readonly sized?: boolean
  /** Reads the data of images and PDFs; without it only the length of an image's data is known. */
  readonly media?: MediaReader | undefined
}

/** Parses base64 text; null: not an image in one of the API's four formats, or not a PDF. */
export interface MediaReader {
  readonly readImageSize: (data: string) => ImageSize | null
  readonly countPdfPages: (data: string) => number | null
}

type Members = Readonly<Record<string, unknown>>

function listTools(tools: unknown): readonly Members[] {
  return toList(tools).map(toMembers)
}

function toolFacts(tools: readonly Members[]): RequestFacts {
  const types = tools.map(({ type }) => getText(type)).filter((type) => type !== undefined)
  const searches = tools.filter(({ type }) => getText(type)?.startsWith('web_search_') === true)
  const uses = searches.map((tool) => toNumber(tool['max_uses']))
  const limited = uses.every((most) => most !== undefined)
  return {
    has_tools: tools.length > 0,
    tool_types: [...new Set(types)].filter((type) => type !== 'custom'),
    tools: tools.map(readTool),
    web_search_max_uses: limited && uses.length > 0 ? uses.reduce((sum, most) => sum + most, 0) : undefined,
  }
}

function readTool(tool: Members): ToolFact {
  const model = getText(tool['model'])
  const type = getText(tool['type']) ?? 'custom'
  return { type, members: Object.keys(tool), ...(model !== undefined && { model }) }
}

/** For most members null is equivalent to absent. */
function givenMembers(members: Members): readonly string[] {
  return Object.keys(members).filter((name) => members[name] !== null && members[name] !== undefined)
}

/** A header may be repeated or hold a list. A Bedrock body has an array instead, and Bedrock ignores the header. */
function readBetas(members: Members, headers: RequestHeaders): readonly string[] {
  const inBody = toList(members['anthropic_beta']).filter((beta) => typeof beta === 'string')
  if (Array.isArray(members['anthropic_beta'])) return [...new Set(inBody)]
  const inHeader = (findHeader(headers, 'anthropic-beta') ?? '').split(',').map((beta) => beta.trim())
  return [...new Set(inHeader)].filter(Boolean)
}

function findHeader(headers: RequestHeaders, name: string): string | undefined {
  const values = Object.entries(headers).filter(
    ([key]) => key.length === name.length && key.toLowerCase() === name,
  )
  const all = values.flatMap(([, value]) => value ?? [])
  return all.length === 0 ? undefined : all.join(', ')
}

function messageFacts(value: unknown): RequestFacts {
  const messages = toList(value).map(toMembers)
  const last = messages.at(-1)
  return {
    prefill: last?.['role'] === 'assistant' && isPrefill(listContent(last['content'])),
    last_message_index: messages.length > 0 ? messages.length - 1 : undefined,
    system_message: messages.some(({ role }) => role === 'system'),
    first_role: getText(messages[0]?.['role']),
    clear_at_index: findFirstWith(messages, 'clear_at'),
    message_config_index: findFirstWith(messages, 'output_config'),
  }
}

function findFirstWith(messages: readonly Members[], name: string): number | undefined {
  const at = messages.findIndex((message) => message[name] !== undefined && message[name] !== null)
  return at === -1 ? undefined : at
}

/** A response that a server tool paused is sent back unchanged to continue it; that is not a prefill. */
function isPrefill(blocks: readonly Members[]): boolean {
  const [first, last] = [getText(blocks[0]?.['type']) ?? '', getText(blocks.at(-1)?.['type']) ?? '']
  if (first === 'thinking' || first === 'redacted_thinking') return false
  return last !== 'server_tool_use' && !last.endsWith('_tool_result')
}

function blockFacts(blocks: readonly Members[]): RequestFacts {
  const media = blocks.filter(({ type }) => type === 'image' || type === 'document')
  const sources = media.map(({ source }) => getText(toMembers(source)['type']))
  if (blocks.some(({ type }) => type === 'container_upload')) sources.push('container_upload')
  return {
    image_count: media.filter(({ type }) => type === 'image').length,
    document_count: media.filter(
      ({ type, source }) =>
        type === 'document' && !['text', 'content'].includes(getText(toMembers(source)['type']) ?? ''),
    ).length,
    source_types: [...new Set(sources.filter((type) => type !== undefined))],
    citations: blocks.some(({ citations }) => toMembers(citations)['enabled'] === true),
  }
}

/** The facts that contain the path of a block. */
function placedFacts(messages: unknown, media: MediaReader | undefined): RequestFacts {
  const first: Record<string, string> = {}
  const images: ImageFact[] = []
  const pdfs: PdfFact[] = []
  let fileBlock: string | undefined
  for (const { block, type, parent, index } of walkMessages(messages)) {
    if (!Object.hasOwn(first, type)) first[type] = `${parent}.${index}`
    if (type !== 'image' && type !== 'document') continue
    const source = toMembers(block['source'])
    const path = `${parent}.${index}.${type}`
    if (source['type'] === 'file') fileBlock ??= path
    const data = source['type'] === 'base64' ? getText(source['data']) : undefined
    if (data === undefined) continue
    if (type === 'image') images.push(readImage({ block, source, path, data }, media))
    else pdfs.push({ path: `${parent}.${index}.pdf`, pages: media?.countPdfPages(data) })
  }
  return { first_blocks: first, file_block: fileBlock, images, pdfs }
}

interface PlacedImage {
  readonly block: Members
  readonly source: Members
  readonly path: string
  readonly data: string
}

function readImage({ block, source, path, data }: PlacedImage, media: MediaReader | undefined): ImageFact {
  return {
    path,
    media_type: getText(source['media_type']) ?? '',
    data_length: data.length,
    size: media?.readImageSize(data),
    unscaled: toMembers(block['transformations'])['oversized_image'] === 'error',
  }
}

interface PlacedBlock {
  readonly block: Members
  readonly type: string
  /** The path of the containing list with the tags of the enclosing types, in the schema's notation. */
  readonly parent: string
  readonly index: number
}

/** Yields every block of the messages, including those within tool results and documents. */
function* walkMessages(messages: unknown): Generator<PlacedBlock, void> {
  for (const [at, message] of toList(messages).entries())
    yield* walkBlocks(toMembers(message)['content'], `messages.${at}.content`, 0)
}

function* walkBlocks(content: unknown, parent: string, depth: number): Generator<PlacedBlock, void> {
  for (const [index, each] of toList(content).entries()) {
    const block = toMembers(each)
    const type = getText(block['type']) ?? ''
    yield { block, type, parent, index }
    if (depth === maxDepth) continue
    if (type === 'tool_result')
      yield* walkBlocks(block['content'], `${parent}.${index}.tool_result.content`, depth + 1)
    const source = type === 'document' ? toMembers(block['source']) : {}
    if (source['type'] === 'content')
      yield* walkBlocks(source['content'], `${parent}.${index}.document.source.content.content`, depth + 1)
  }
}

/** An image in a document in a tool result; the schema accepts nothing deeper. */
const maxDepth = 2

/** Lists all blocks of system and messages, including those in tool results, search results and documents. */
function listBlocks(members: Members): readonly Members[] {
  const messages = toList(members['messages']).flatMap((message) =>
    listContent(toMembers(message)['content']),
  )
  const outer = [...listContent(members['system']), ...messages]
  // Most blocks have neither, and a list for each of 60,000 blocks takes milliseconds.
  const inner = outer
    .filter(({ content, source }) => content !== undefined || source !== undefined)
    .flatMap(({ content, source }) => [...listResult(content), ...listContent(toMembers(source)['content'])])
  // A search result or document can be inside a tool result or a fetched page, and no deeper.
  return [...outer, ...inner, ...inner.flatMap((block) => listContent(toMembers(block['source'])['content']))]
}

/** The result of a server tool is an object, and that of web fetch has a document. */
function listResult(content: unknown): readonly Members[] {
  return isRecord(content) ? [toMembers(content['content'])] : listContent(content)
}

/** A top-level `cache_control` marks the last block. */
function cacheTtls(
  members: Members,
  blocks: readonly Members[],
  tools: readonly Members[],
): readonly string[] {
  return [members, ...blocks, ...tools]
    .map(({ cache_control }) => cache_control)
    .filter(isRecord)
    .map(({ ttl }) => getText(ttl) ?? '5m')
}

/** The prompt is most of a body, so one walk computes both sizes. */
function computeSizes(body: unknown, members: Members): RequestFacts {
  const { system, messages, tools, ...others } = members
  let mediaBytes = 0
  const input_bytes = jsonBytes({ system, messages, tools }, (value) => {
    if (value['type'] !== 'base64' || !('media_type' in value)) return false
    mediaBytes += jsonBytes(value) - emptyBytes
    return true
  })
  if (!isRecord(body)) return { input_bytes, body_bytes: jsonBytes(body) }
  const otherBytes = jsonBytes(others)
  // Merging two objects removes one pair of brackets and adds a comma.
  const comma = input_bytes > emptyBytes && otherBytes > emptyBytes ? 1 : 0
  return { input_bytes, body_bytes: input_bytes + mediaBytes + otherBytes - emptyBytes + comma }
}

const emptyBytes = 2

function listContent(content: unknown): readonly Members[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : toList(content).map(toMembers)
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function toMembers(value: unknown): Members {
  return isRecord(value) ? value : {}
}

function getText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function toNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined
}

/** Removes undefined members: an unknown fact is absent. */
function present(facts: RequestFacts): RequestFacts {
  const known: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(facts)) if (value !== undefined) known[name] = value
  return known
}
