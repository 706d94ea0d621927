import type { InputBlock, MessageParam, ToolResultContent } from '@anthology/wire'

import type { FileReader } from '../../api/files/reader.ts'
import type { ApiError } from '../../http/reply.ts'
import { decodeLatin1Text } from '../../media/base64.ts'
import { readImageSize } from '../../media/image-size.ts'
import { countPdfPages } from '../../media/pdf-pages.ts'

/**
 * Returns an error for a file that the caller does not own, that is of another kind than its block, or that cannot be read
 * (docs.claude.com, build-with-claude/files, 2025).
 */
export function findFileProblem(messages: readonly MessageParam[], files: FileReader): ApiError | null {
  for (const { content } of messages) {
    const uses = listUsesWithin(content)
    const missing = uses.find(({ id }) => !files.hasFile(id))
    if (missing !== undefined) return { status: 404, message: `File not found: ${missing.id.slice(0, 100)}` }
    for (const use of uses) {
      const message = findKindProblem(use, files)
      if (message !== null) return { status: 400, message }
    }
  }
  return null
}

/** A file in a content block. */
interface FileUse {
  readonly type: 'image' | 'document' | 'container_upload'
  readonly id: string
}

/** PDF and text become documents, and images become images; a container takes any file. */
function findKindProblem({ type, id }: FileUse, files: FileReader): string | null {
  const file = files.openFile(id)
  if (type === 'container_upload' || file === null) return null
  const { mediaType, bytes } = file
  const isOfKind = type === 'image' ? imageType.test(mediaType) : documentType.test(mediaType)
  if (!isOfKind)
    return `File ${id} has the type ${mediaType}, which does not match the content block type ${type}`
  if (type === 'image') return readImageSize(bytes) === null ? 'Could not process image' : null
  const isBroken = mediaType === 'application/pdf' && countPdfPages(decodeLatin1Text(bytes)) === null
  return isBroken ? 'The PDF specified was not valid.' : null
}

const imageType = /^image\/(?:jpeg|png|gif|webp)$/
const documentType = /^(?:application\/pdf|text\/.+)$/

function listUses(block: InputBlock | ToolResultContent): readonly FileUse[] {
  if (block.type === 'container_upload') return [{ type: block.type, id: block.file_id }]
  if (block.type === 'tool_result') return listUsesWithin(block.content)
  if (block.type !== 'image' && block.type !== 'document') return []
  const { source, type } = block
  if (source.type === 'file') return [{ type, id: source.file_id }]
  return source.type === 'content' ? listUsesWithin(source.content) : []
}

function listUsesWithin(
  content: string | readonly (InputBlock | ToolResultContent)[] = [],
): readonly FileUse[] {
  return typeof content === 'string' ? [] : content.flatMap(listUses)
}
