import type {
  DocumentBlockParam,
  ImageBlockParam,
  InputBlock,
  SearchResultBlockParam,
  TextBlockParam,
  ToolChangeBlockParam,
  ToolResultBlockParam,
  ToolResultContent,
  ToolUseBlockParam,
} from '../messages/content-block.ts'
import { isBase64 } from '../aws/base64.ts'
import { citationToConverse } from './citation.ts'
import { documentToConverse, imageToConverse, searchResultToConverse } from './media-to-converse.ts'
import { isTextDocument, textDocumentCached } from './request.ts'
import type { ConverseBlock, ConverseSystemBlock, ConverseToolResult } from './request.ts'
import { createCachePoint, hasNoCounterpart, noticeOnce, failAt, takeOnly } from './rewriting.ts'
import type { Rewriting } from './rewriting.ts'

/** Translates the blocks of a turn; a block with a cache mark is followed by a cache point. */
export function contentToConverse(
  rewriting: Rewriting,
  content: string | readonly InputBlock[],
  path: string,
): readonly ConverseBlock[] {
  if (typeof content === 'string') return [{ text: content }]
  return content.flatMap((block, index): readonly ConverseBlock[] => {
    const written = blockToConverse(rewriting, block, `${path}.${index}`)
    if (!written) return []
    const points = createCachePoint('cache_control' in block ? block.cache_control : null)
    if (points.length > 0 && isTextDocument(written)) noticeOnce(rewriting, textDocumentCached)
    return [written, ...points]
  })
}

export function systemToConverse(
  rewriting: Rewriting,
  system: string | readonly TextBlockParam[],
): readonly ConverseSystemBlock[] {
  if (typeof system === 'string') return [{ text: system }]
  return system.flatMap((block, index): readonly ConverseSystemBlock[] => {
    const { citations, ...rest } = block
    if (citations && citations.length > 0) failAt(rewriting, `system.${index}.citations`, hasNoCounterpart)
    takeOnly(rewriting, rest, `system.${index}`, ['text', 'cache_control'])
    return [{ text: block.text }, ...createCachePoint(block.cache_control)]
  })
}

function blockToConverse(rewriting: Rewriting, block: InputBlock, path: string): ConverseBlock | null {
  switch (block.type) {
    case 'text':
      return textToConverse(rewriting, block, path)
    case 'image':
    case 'document':
      return mediaToConverse(rewriting, block, path)
    case 'search_result':
      takeOnly(rewriting, block, path, ['source', 'title', 'content', 'citations', 'cache_control'])
      return mediaToConverse(rewriting, block, path)
    case 'thinking':
      return { reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } } }
    case 'redacted_thinking':
      if (!isBase64(block.data)) return failAt(rewriting, `${path}.data`, 'Converse takes base64 only')
      return { reasoningContent: { redactedContent: block.data } }
    case 'tool_use':
      return toolUseToConverse(rewriting, block, path)
    case 'tool_result':
      return toolResultToConverse(rewriting, block, path)
    case 'tool_addition':
    case 'tool_removal':
      return toolChangeToConverse(rewriting, block, path)
    case 'server_tool_use':
    case 'web_search_tool_result':
    case 'web_fetch_tool_result':
    case 'code_execution_tool_result':
    case 'bash_code_execution_tool_result':
    case 'text_editor_code_execution_tool_result':
    case 'tool_search_tool_result':
    case 'advisor_tool_result':
    case 'mcp_tool_use':
    case 'mcp_tool_result':
    case 'container_upload':
    case 'tool_reference':
    case 'browser_state':
      break
  }
  return failAt(rewriting, path, hasNoCounterpart)
}

function textToConverse(rewriting: Rewriting, block: TextBlockParam, path: string): ConverseBlock {
  takeOnly(rewriting, block, path, ['text', 'citations', 'cache_control'])
  const { text, citations } = block
  if (!citations || citations.length === 0) return { text }
  const web = citations.findIndex(({ type }) => type === 'web_search_result_location')
  if (web >= 0) failAt(rewriting, `${path}.citations.${web}`, hasNoCounterpart)
  return { citationsContent: { content: [{ text }], citations: citations.map(citationToConverse) } }
}

function toolUseToConverse(rewriting: Rewriting, block: ToolUseBlockParam, path: string): ConverseBlock {
  const { id, name, input } = block
  takeOnly(rewriting, block, path, ['id', 'name', 'input', 'cache_control'])
  checkToolName(rewriting, name, `${path}.name`)
  checkToolUseId(rewriting, id, `${path}.id`)
  rewriting.usesTools = true
  return { toolUse: { toolUseId: id, name, input } }
}

function toolResultToConverse(
  rewriting: Rewriting,
  block: ToolResultBlockParam,
  path: string,
): ConverseBlock {
  const { tool_use_id: toolUseId, content = [], is_error: isError } = block
  takeOnly(rewriting, block, path, ['tool_use_id', 'content', 'is_error', 'cache_control'])
  checkToolUseId(rewriting, toolUseId, `${path}.tool_use_id`)
  rewriting.usesTools = true
  const parts = typeof content === 'string' ? [{ type: 'text', text: content } as const] : content
  const written = parts.map((part, index) => resultPart(rewriting, part, `${path}.content.${index}`))
  return {
    toolResult: {
      toolUseId,
      content: written.filter((part) => part !== null),
      ...(isError !== undefined && { status: isError ? 'error' : 'success' }),
    },
  }
}

function resultPart(
  rewriting: Rewriting,
  part: ToolResultContent,
  path: string,
): ConverseToolResult['content'][number] | null {
  if (part.cache_control) return failAt(rewriting, `${path}.cache_control`, hasNoCounterpart)
  switch (part.type) {
    case 'text':
      if (part.citations && part.citations.length > 0)
        return failAt(rewriting, `${path}.citations`, hasNoCounterpart)
      return { text: part.text }
    case 'image':
    case 'document':
    case 'search_result':
      return mediaToConverse(rewriting, part, path)
    case 'tool_reference':
    case 'browser_state':
      return failAt(rewriting, path, hasNoCounterpart)
  }
}

/** Blocks that Converse has in a turn and in the result of a tool. */
function mediaToConverse(
  rewriting: Rewriting,
  block: ImageBlockParam | DocumentBlockParam | SearchResultBlockParam,
  path: string,
): Pick<ConverseBlock, 'image' | 'document' | 'searchResult'> | null {
  switch (block.type) {
    case 'image': {
      const image = imageToConverse(rewriting, block, path)
      return image && { image }
    }
    case 'document': {
      const document = documentToConverse(rewriting, block, path)
      return document && { document }
    }
    case 'search_result':
      return { searchResult: searchResultToConverse(rewriting, block, path) }
  }
}

function toolChangeToConverse(
  rewriting: Rewriting,
  { type, tool }: ToolChangeBlockParam,
  path: string,
): ConverseBlock | null {
  if (tool['type'] === 'tool_definition') return failAt(rewriting, `${path}.tool`, hasNoCounterpart)
  const { type: reference, name, server_name: serverName } = tool
  const named = {
    ...(typeof reference === 'string' && { type: reference }),
    ...(typeof name === 'string' && { name }),
    ...(typeof serverName === 'string' && { serverName }),
  }
  return type === 'tool_addition' ? { toolAddition: { tool: named } } : { toolRemoval: { tool: named } }
}

/** The limits for `ToolSpecification.name` and `ToolUseBlock.toolUseId` in the API reference. */
export function checkToolName(rewriting: Rewriting, name: string, path: string): void {
  if (!/^[a-zA-Z0-9_-]{1,64}$/.test(name))
    failAt(rewriting, path, 'Converse takes names of 1 to 64 letters, digits, hyphens and underscores')
}

function checkToolUseId(rewriting: Rewriting, id: string, path: string): void {
  if (id.length > 64) failAt(rewriting, path, 'Converse takes ids of at most 64 characters')
}
