import type { CacheControl, InputBlock, TextBlockParam, ToolResultContent } from './content-block.ts'
import type { MessageParam, MessagesRequest } from './request.ts'
import type { Problem } from './shape.ts'

/**
 * Checks position and number of cache marks (docs.claude.com, build-with-claude/prompt-caching, Nov 2025;
 * automatic caching from the page of 2026; texts from public issue reports).
 */
export function findCacheProblem(request: MessagesRequest): Problem | null {
  const marks = listMarks(request)
  const automatic = automaticMark(request, marks)
  if (automatic === null && marks.length === 0) return null
  const all = automatic ? [...marks, automatic] : marks
  return findEmptyMark(marks) ?? findTooMany(all.length) ?? findClash(request, marks) ?? findTtlProblem(all)
}

/** The maximum number of marks in one request, the automatic one included. */
const maxCacheMarks = 4

interface Mark {
  /** Without tags, as in the API's messages. */
  readonly path: string
  readonly ttl: '5m' | '1h'
  /** The marked block; absent for a tool. */
  readonly block?: InputBlock | ToolResultContent
}

function listMarks({ tools, system, messages }: MessagesRequest): readonly Mark[] {
  const marks: Mark[] = []
  for (const [index, tool] of (tools ?? []).entries()) mark(marks, `tools.${index}`, tool.cache_control)
  if (Array.isArray(system)) markBlocks(marks, 'system', system)
  for (const [index, { content }] of messages.entries())
    if (typeof content !== 'string') markBlocks(marks, `messages.${index}.content`, content)
  return marks
}

type Block = InputBlock | ToolResultContent | TextBlockParam

/** Collects marks in prompt order: those of nested blocks come before the block's own mark. */
function markBlocks(marks: Mark[], path: string, blocks: readonly Block[]): void {
  for (const [index, block] of blocks.entries()) {
    const at = `${path}.${index}`
    if ((block.type === 'tool_result' || block.type === 'search_result') && Array.isArray(block.content))
      markBlocks(marks, `${at}.content`, block.content)
    if (block.type === 'document' && block.source.type === 'content' && Array.isArray(block.source.content))
      markBlocks(marks, `${at}.source.content`, block.source.content)
    if ('cache_control' in block) mark(marks, at, block.cache_control, block)
  }
}

function mark(marks: Mark[], path: string, control: CacheControl | null | undefined, block?: Block): void {
  if (control) marks.push({ path, ttl: control.ttl ?? '5m', ...(block && { block }) })
}

/** The mark that the top-level member adds to the last block, unless that block has its own. */
function automaticMark(
  { cache_control: control, messages }: MessagesRequest,
  marks: readonly Mark[],
): Mark | null {
  if (!control) return null
  const last = lastBlockPath(messages)
  const isMarked = marks.some(({ path }) => path === last)
  return isMarked ? null : { path: '', ttl: control.ttl ?? '5m' }
}

function lastBlockPath(messages: readonly MessageParam[]): string {
  const index = messages.length - 1
  const content = messages[index]?.content ?? ''
  return typeof content === 'string' ? '' : `messages.${index}.content.${content.length - 1}`
}

function findEmptyMark(marks: readonly Mark[]): Problem | null {
  const found = marks.find(({ block }) => block?.type === 'text' && block.text === '')
  if (!found) return null
  const path = found.path.startsWith('system') ? found.path : `${found.path}.text`
  return { path, message: 'cache_control cannot be set for empty text blocks' }
}

function findTooMany(count: number): Problem | null {
  if (count <= maxCacheMarks) return null
  const message = `A maximum of ${maxCacheMarks} blocks with cache_control may be provided. Found ${count}.`
  return { path: '', message }
}

/** The last block's own mark and the automatic one must have the same TTL; the text is inferred. */
function findClash(
  { cache_control: control, messages }: MessagesRequest,
  marks: readonly Mark[],
): Problem | null {
  const last = lastBlockPath(messages)
  const own = control ? marks.find(({ path }) => path === last) : undefined
  const ttl = control?.ttl ?? '5m'
  if (!own || own.ttl === ttl) return null
  return {
    path: 'cache_control.ttl',
    message: `ttl='${ttl}' conflicts with the ttl='${own.ttl}' cache_control block on the last content block.`,
  }
}

function findTtlProblem(marks: readonly Mark[]): Problem | null {
  const short = marks.findIndex(({ ttl }) => ttl === '5m')
  const late = short === -1 ? undefined : marks.slice(short).find(({ ttl }) => ttl === '1h')
  if (!late) return null
  return {
    path: `${late.path === '' ? '' : `${late.path}.`}cache_control.ttl`,
    message:
      "a ttl='1h' cache_control block must not come after a ttl='5m' cache_control block. " +
      'Note that blocks are processed in the following order: `tools`, `system`, `messages`.',
  }
}
