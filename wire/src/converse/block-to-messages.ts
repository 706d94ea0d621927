import type { JsonObject } from '../body/json-value.ts'
import { citationToMessages } from './citation.ts'
import { printJson } from './exact-json.ts'
import { documentToMessages, imageToMessages, searchResultToMessages } from './media-to-messages.ts'
import { inferredTexts, observedTexts } from './problem.ts'
import type { BodyPath } from './problem.ts'
import { isTextDocument, textDocumentCached } from './request.ts'
import type {
  ConverseBlock,
  ConverseCachePoint,
  ConverseCitedText,
  ConverseGuardContent,
  ConverseReasoning,
  ConverseSystemBlock,
  ConverseToolChange,
  ConverseToolResult,
} from './request.ts'
import { notice, fail } from './translation.ts'
import type { Translation } from './translation.ts'

/** Translates the blocks of a turn; a cache point becomes a mark on the block before it. */
export function contentToMessages(
  translation: Translation,
  content: readonly ConverseBlock[],
  path: BodyPath,
): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  if (content.some(({ document }) => document) && content.every(({ text }) => text === undefined))
    notice(translation, 'Bedrock takes a document only beside a text')
  for (const [index, block] of content.entries()) {
    if (translation.problem) break
    const place = [...path, index]
    if (block.cachePoint) {
      if (content[index - 1]?.reasoningContent) fail(translation, observedTexts.cacheAfterReasoning())
      if (isTextDocument(content[index - 1])) notice(translation, textDocumentCached)
      markLast(translation, blocks, block.cachePoint)
    } else {
      const written = blockToMessages(translation, block, place)
      if (written) blocks.push(written)
    }
  }
  return blocks
}

export function systemToMessages(
  translation: Translation,
  system: readonly ConverseSystemBlock[],
): readonly JsonObject[] {
  const blocks: JsonObject[] = []
  for (const [index, block] of system.entries()) {
    if (translation.problem) break
    const path = ['system', index]
    if (block.cachePoint) {
      markLast(translation, blocks, block.cachePoint)
      continue
    }
    const written = block.guardContent
      ? guardContentToMessages(translation, block.guardContent, [...path, 'guardContent'])
      : textToMessages(translation, block.text ?? '', path, 'SystemContentBlock')
    if (written) blocks.push(written)
  }
  return blocks
}

/** Marks the last of the blocks or tools. A second cache point in the same place has nothing left to cache. */
export function markLast(translation: Translation, blocks: JsonObject[], { ttl }: ConverseCachePoint): void {
  const last = blocks.pop()
  if (!last || last['cache_control']) {
    fail(translation, observedTexts.nothingToCache())
    return
  }
  blocks.push({ ...last, cache_control: { type: 'ephemeral', ...(ttl && { ttl }) } })
}

function blockToMessages(translation: Translation, block: ConverseBlock, path: BodyPath): JsonObject | null {
  if (block.text !== undefined) return textToMessages(translation, block.text, path, 'ContentBlock')
  if (block.image) return imageToMessages(translation, block.image, [...path, 'image'])
  if (block.document) return documentToMessages(translation, block.document, [...path, 'document'])
  if (block.toolUse) {
    const { toolUseId, name, input, type } = block.toolUse
    if (type) return fail(translation, observedTexts.unsupported([...path, 'toolUse', 'type']))
    translation.usesTools = true
    return { type: 'tool_use', id: toolUseId, name, input }
  }
  if (block.toolResult) return toolResultToMessages(translation, block.toolResult, [...path, 'toolResult'])
  if (block.reasoningContent) return reasoningToMessages(block.reasoningContent)
  if (block.citationsContent)
    return citedTextToMessages(translation, block.citationsContent, [...path, 'citationsContent'])
  if (block.searchResult) return searchResultToMessages(block.searchResult)
  if (block.guardContent)
    return guardContentToMessages(translation, block.guardContent, [...path, 'guardContent'])
  if (block.toolAddition) return toolChangeToMessages('tool_addition', block.toolAddition)
  if (block.toolRemoval) return toolChangeToMessages('tool_removal', block.toolRemoval)
  return fail(translation, observedTexts.unsupported([...path, block.video ? 'video' : 'audio']))
}

function textToMessages(
  translation: Translation,
  text: string,
  path: BodyPath,
  owner: string,
): JsonObject | null {
  return text.trim() === '' ? fail(translation, observedTexts.blankText(path, owner)) : { type: 'text', text }
}

/**
 * The signature covers the text; both are copied unchanged. Data that the provider has encrypted is base64 on
 * both sides.
 */
function reasoningToMessages({ reasoningText, redactedContent }: ConverseReasoning): JsonObject {
  if (!reasoningText) return { type: 'redacted_thinking', data: redactedContent ?? '' }
  const { text, signature } = reasoningText
  return { type: 'thinking', thinking: text, ...(signature !== undefined && { signature }) }
}

function toolResultToMessages(
  translation: Translation,
  { toolUseId, content, status, type }: ConverseToolResult,
  path: BodyPath,
): JsonObject | null {
  if (type !== undefined) return fail(translation, observedTexts.unsupported([...path, 'type']))
  if (status === 'error' && content.length === 0)
    return fail(translation, observedTexts.emptyErrorResult(path))
  translation.usesTools = true
  const parts: JsonObject[] = []
  for (const [index, part] of content.entries()) {
    const place = [...path, 'content', index]
    const written = resultPartToMessages(translation, part, place)
    if (!written) return null
    parts.push(written)
  }
  return {
    type: 'tool_result',
    tool_use_id: toolUseId,
    ...(parts.length > 0 && { content: parts }),
    ...(status && { is_error: status === 'error' }),
  }
}

function resultPartToMessages(
  translation: Translation,
  part: ConverseToolResult['content'][number],
  path: BodyPath,
): JsonObject | null {
  if (part.text !== undefined) return { type: 'text', text: part.text }
  if (part.json) {
    const text = printJson(part.json)
    return text === null
      ? fail(translation, observedTexts.notAnObject([...path, 'json']))
      : { type: 'text', text }
  }
  if (part.image) return imageToMessages(translation, part.image, [...path, 'image'])
  if (part.document) return documentToMessages(translation, part.document, [...path, 'document'])
  if (part.searchResult) return searchResultToMessages(part.searchResult)
  return fail(translation, observedTexts.unsupported([...path, 'video']))
}

function citedTextToMessages(
  translation: Translation,
  { content = [], citations = [] }: ConverseCitedText,
  path: BodyPath,
): JsonObject | null {
  const written: JsonObject[] = []
  for (const [index, citation] of citations.entries()) {
    const place = [...path, 'citations', index]
    if (citation.location?.web)
      return fail(translation, observedTexts.unsupported([...place, 'location', 'web']))
    const known = citationToMessages(citation)
    if (!known) return fail(translation, inferredTexts.noLocation(place))
    written.push({ ...known })
  }
  const text = content.map((part) => part.text).join('')
  return { type: 'text', text, ...(written.length > 0 && { citations: written }) }
}

/**
 * The qualifiers only concern guardrails. Since `guardrailConfig` is rejected, they have no effect, and the
 * content is passed on like any other.
 */
function guardContentToMessages(
  translation: Translation,
  { text, image }: ConverseGuardContent,
  path: BodyPath,
): JsonObject | null {
  notice(translation, 'guardContent went to the model without a guardrail')
  if (image) return imageToMessages(translation, image, [...path, 'image'])
  return textToMessages(translation, text?.text ?? '', [...path, 'text'], 'GuardrailConverseTextBlock')
}

function toolChangeToMessages(
  type: 'tool_addition' | 'tool_removal',
  { tool }: ConverseToolChange,
): JsonObject {
  const { name, serverName } = tool
  const reference =
    serverName === undefined
      ? 'tool_reference'
      : name === undefined
        ? 'mcp_toolset_reference'
        : 'mcp_tool_reference'
  return {
    type,
    tool: {
      type: tool.type ?? reference,
      ...(name !== undefined && { name }),
      ...(serverName !== undefined && { server_name: serverName }),
    },
  }
}
