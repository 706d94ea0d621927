import type { Model } from '@anthology/catalog'
import { findSystemEntryProblem, formatProblem } from '@anthology/wire'
import type { MessagesRequest } from '@anthology/wire'

import type { ApiError } from '../../http/reply.ts'
import { findClosedGate } from './beta-gates.ts'
import { placeBlocks } from './content.ts'
import type { PlacedBlock } from './content.ts'
import { findMediaError } from './media-limits.ts'

/** Who is asked, with what, and when. */
export interface CheckContext {
  readonly model: Model
  readonly betas: readonly string[]
  /** The day whose facts hold for the model. */
  readonly day: string
  /** The day of the clock. */
  readonly today: string
  /** Whether the caller has such a file; without it files are taken to be there. */
  readonly hasFile?: (id: string) => boolean
}

/**
 * What the service says of a request that its schema and the rules of the model have let through,
 * before it counts the tokens: headers, `system` entries, files, media.
 */
export function findRequestError(request: MessagesRequest, situation: CheckContext): ApiError | null {
  const { model, betas, day, today, hasFile } = situation
  const blocks = placeBlocks(request.messages)
  return (
    findClosedGate({ request, blocks, betas, today }) ??
    findEntryError(request) ??
    findFirstRoleError(request, today) ??
    findEditError(request, model) ??
    (hasFile ? findMissingFile(blocks, hasFile) : null) ??
    findMediaError(blocks, model, day)
  )
}

/** For models that have such entries; the others have said so before. */
function findEntryError({ messages }: MessagesRequest): ApiError | null {
  const problem = findSystemEntryProblem(messages)
  return problem ? { status: 400, message: formatProblem(problem) } : null
}

/** Until 8 October 2024 a conversation began with the user (release notes; text from public issue reports). */
function findFirstRoleError({ messages }: MessagesRequest, today: string): ApiError | null {
  return today < '2024-10-08' && messages[0]?.role === 'assistant'
    ? { status: 400, message: 'messages: first message must use the "user" role' }
    : null
}

/** Thinking that is off leaves no blocks to clear (text from public issue reports, 2025 and 2026). */
function findEditError(
  { context_management: management, thinking }: MessagesRequest,
  model: Model,
): ApiError | null {
  const clears = management?.edits?.some(({ type }) => type === 'clear_thinking_20251015') === true
  const thinks = thinking ? thinking.type !== 'disabled' : (model.thinking?.default ?? 'off') !== 'off'
  if (!clears || thinks) return null
  const message = '`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive'
  return { status: 400, message }
}

/** The text is of the page of 2025 (docs.claude.com, build-with-claude/files). */
function findMissingFile(blocks: readonly PlacedBlock[], hasFile: (id: string) => boolean): ApiError | null {
  const missing = blocks.flatMap(({ block }) => listFileIds(block)).find((id) => !hasFile(id))
  return missing === undefined ? null : { status: 404, message: `File not found: ${missing.slice(0, 100)}` }
}

function listFileIds(block: PlacedBlock['block']): readonly string[] {
  if (block.type === 'container_upload') return [block.file_id]
  if (block.type !== 'image' && block.type !== 'document') return []
  return block.source.type === 'file' ? [block.source.file_id] : []
}
