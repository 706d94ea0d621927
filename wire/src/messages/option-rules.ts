import type { DocumentBlockParam, InputBlock, SearchResultBlockParam } from './content-block.ts'
import type { MessagesRequest } from './request.ts'
import { invalidSchemaText, isDraft2020Schema } from './schema-draft.ts'
import { findSchemaSubsetProblem } from './schema-subset.ts'
import type { Problem } from './shape.ts'

/** Checks the members beside the conversation against each other; texts from public issue reports unless marked. */
export function findOptionProblem(request: MessagesRequest): Problem | null {
  return (
    findStopSequenceProblem(request.stop_sequences) ??
    findFormatProblem(request) ??
    findCitationsProblem(request) ??
    findContainerProblem(request) ??
    findEditProblem(request) ??
    findPrewarmProblem(request)
  )
}

function findStopSequenceProblem(sequences: MessagesRequest['stop_sequences']): Problem | null {
  for (const sequence of sequences ?? []) {
    if (sequence === '') return { path: 'stop_sequences', message: 'each stop sequence must be non-empty' }
    if (!/\S/.test(sequence))
      return { path: 'stop_sequences', message: 'each stop sequence must contain non-whitespace' }
  }
  return null
}

function findFormatProblem({
  output_config: config,
  output_format: format,
}: MessagesRequest): Problem | null {
  for (const [path, given] of [
    ['output_config.format', config?.format],
    ['output_format', format],
  ] as const) {
    if (!given) continue
    // That an invalid schema has the same text here as in a tool is inferred.
    const message = isDraft2020Schema(given.schema)
      ? findSchemaSubsetProblem(given.schema)
      : invalidSchemaText
    if (message !== null) return { path: `${path}.schema`, message }
  }
  return null
}

/**
 * Either all documents and search results enable citations or none, and never together with an output format
 * (docs.claude.com, build-with-claude/citations, 2025, and platform.claude.com, 2026; texts inferred).
 */
function findCitationsProblem({ messages, output_config, output_format }: MessagesRequest): Problem | null {
  const asked = messages
    .flatMap(({ content }) => (typeof content === 'string' ? [] : content.flatMap(citableIn)))
    .map(({ citations }) => citations?.enabled === true)
  if (!asked.includes(true)) return null
  if (asked.includes(false))
    return {
      path: 'messages',
      message: 'citations must be enabled on all or none of the documents and search results in a request',
    }
  return output_config?.format || output_format
    ? { path: 'output_config.format', message: 'structured outputs cannot be used together with citations' }
    : null
}

function citableIn(block: InputBlock): readonly (DocumentBlockParam | SearchResultBlockParam)[] {
  if (block.type === 'document' || block.type === 'search_result') return [block]
  if (block.type !== 'tool_result' || !Array.isArray(block.content)) return []
  return block.content.flatMap((part) =>
    part.type === 'document' || part.type === 'search_result' ? part : [],
  )
}

function findContainerProblem({ container, tools = [] }: MessagesRequest): Problem | null {
  if (container === undefined || container === null) return null
  return tools.some(({ type }) => type?.startsWith('code_execution_') === true)
    ? null
    : {
        path: 'container',
        message: 'Container identifier can only be provided when using the code execution tool',
      }
}

/**
 * The edit of thinking must precede the edit of tools (docs.claude.com, build-with-claude/context-editing,
 * Nov 2025; text inferred).
 */
function findEditProblem({ context_management: management }: MessagesRequest): Problem | null {
  const at = (management?.edits ?? []).findIndex(({ type }) => type === 'clear_thinking_20251015')
  return at > 0
    ? {
        path: 'context_management.edits',
        message: '`clear_thinking_20251015` must be the first strategy in the list',
      }
    : null
}

/**
 * A call that only writes the cache generates no output, so members that concern the output are not allowed
 * (platform.claude.com, build-with-claude/prompt-caching, 2026; text inferred).
 */
function findPrewarmProblem(request: MessagesRequest): Problem | null {
  if (request.max_tokens !== 0) return null
  const { stream, thinking, tool_choice: choice, output_config: config, output_format: format } = request
  const asked = [
    stream === true && '`stream: true`',
    thinking?.type === 'enabled' && '`thinking.type: "enabled"`',
    (choice?.type === 'any' || choice?.type === 'tool') && `\`tool_choice.type: "${choice.type}"\``,
    (config?.format || format) && 'structured outputs',
  ].find((text) => typeof text === 'string')
  return asked === undefined ? null : { path: 'max_tokens', message: `0 is not supported with ${asked}` }
}
