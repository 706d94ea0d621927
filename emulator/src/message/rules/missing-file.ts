import type { InputBlock, MessageParam, ToolResultContent } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'

/** Returns an error for a file that the caller does not own; text from docs.claude.com, build-with-claude/files, 2025. */
export function findMissingFile(
  messages: readonly MessageParam[],
  hasFile: (id: string) => boolean,
): ApiError | null {
  for (const { content } of messages) {
    if (typeof content === 'string') continue
    const missing = content.flatMap(listFiles).find((id) => !hasFile(id))
    if (missing !== undefined) return { status: 404, message: `File not found: ${missing.slice(0, 100)}` }
  }
  return null
}

function listFiles(block: InputBlock | ToolResultContent): readonly string[] {
  if (block.type === 'container_upload') return [block.file_id]
  if (block.type === 'tool_result') return listFilesWithin(block.content)
  if (block.type !== 'image' && block.type !== 'document') return []
  const { source } = block
  if (source.type === 'file') return [source.file_id]
  return source.type === 'content' ? listFilesWithin(source.content) : []
}

function listFilesWithin(
  content: string | readonly (InputBlock | ToolResultContent)[] = [],
): readonly string[] {
  return typeof content === 'string' ? [] : content.flatMap(listFiles)
}
