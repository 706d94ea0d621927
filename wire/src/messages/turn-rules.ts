import type { InputBlock } from './content-block.ts'
import type { MessageParam, MessagesRequest } from './request.ts'
import type { ApiVersion } from './schema.ts'
import type { Problem } from './shape.ts'
import { findPairingProblem } from './tool-pairing.ts'

/**
 * Rules that reach over several members of a well-shaped body. Texts as users saw them
 * (public issue reports of the SDKs and Claude Code, 2024 to 2026).
 */
export function findTurnProblem(request: MessagesRequest, apiVersion: ApiVersion): Problem | null {
  return (
    findStopSequenceProblem(request.stop_sequences) ??
    findSystemProblem(request.system) ??
    findConversationProblem(request.messages, apiVersion) ??
    findPairingProblem(request.messages) ??
    findToolProblem(request)
  )
}

/** The only roles a block may stand in; blocks that are not listed may stand anywhere. */
const rolesOfBlocks: Readonly<Record<string, MessageParam['role']>> = {
  image: 'user',
  search_result: 'user',
  tool_result: 'user',
  container_upload: 'user',
  thinking: 'assistant',
  redacted_thinking: 'assistant',
  tool_use: 'assistant',
  server_tool_use: 'assistant',
  mcp_tool_use: 'assistant',
}

function findStopSequenceProblem(sequences: readonly string[] | undefined): Problem | null {
  for (const sequence of sequences ?? []) {
    if (sequence === '') return { path: 'stop_sequences', message: 'each stop sequence must be non-empty' }
    if (sequence.trim() === '')
      return { path: 'stop_sequences', message: 'each stop sequence must contain non-whitespace' }
  }
  return null
}

function findSystemProblem(system: MessagesRequest['system']): Problem | null {
  if (system === undefined || typeof system === 'string') return null
  return system.some(({ text }) => text === '')
    ? { path: 'system', message: 'text content blocks must be non-empty' }
    : null
}

function findConversationProblem(messages: readonly MessageParam[], apiVersion: ApiVersion): Problem | null {
  if (messages.length === 0) return { path: 'messages', message: 'at least one message is required' }
  for (const [index, message] of messages.entries()) {
    const isOpenTurn = index === messages.length - 1 && message.role === 'assistant'
    const problem =
      findEmptiness(message, index, isOpenTurn) ??
      findMisplacedBlock(message, index) ??
      (apiVersion === '2026-10-21' ? findVersionedBlock(message, index) : null)
    if (problem) return problem
  }
  const last = messages.at(-1)
  if (last?.role !== 'assistant') return null
  const lastText = typeof last.content === 'string' ? last.content : lastTextOf(last.content)
  return lastText !== '' && lastText.trimEnd() !== lastText
    ? { path: 'messages', message: 'final assistant content cannot end with trailing whitespace' }
    : null
}

function findEmptiness({ content }: MessageParam, index: number, isOpenTurn: boolean): Problem | null {
  if (content.length === 0) {
    const message = 'all messages must have non-empty content except for the optional final assistant message'
    return isOpenTurn ? null : { path: `messages.${index}`, message }
  }
  const texts =
    typeof content === 'string'
      ? [content]
      : content.flatMap((block) => (block.type === 'text' ? block.text : []))
  if (texts.includes('')) return { path: 'messages', message: 'text content blocks must be non-empty' }
  return texts.some((text) => text.trim() === '')
    ? { path: 'messages', message: 'text content blocks must contain non-whitespace text' }
    : null
}

function findMisplacedBlock({ role, content }: MessageParam, index: number): Problem | null {
  if (typeof content === 'string' || role === 'system') return null
  const found = content.find(({ type }) => (rolesOfBlocks[type] ?? role) !== role)
  if (!found) return null
  const message = `\`${found.type}\` blocks can only be in \`${rolesOfBlocks[found.type]}\` messages`
  return { path: `messages.${index}`, message }
}

/**
 * The block rules of version 2026-10-21 (platform.claude.com, api/versioning, Oct 2026).
 * Their texts are not published; these two are inferred from the schema's own.
 */
function findVersionedBlock({ role, content }: MessageParam, index: number): Problem | null {
  if (typeof content === 'string') return null
  for (const [position, block] of content.entries()) {
    const path = `messages.${index}.content.${position}`
    if (role === 'assistant' && block.type === 'document')
      return { path: `messages.${index}`, message: '`document` blocks can only be in `user` messages' }
    if (role === 'user' && block.type === 'text' && hasCitations(block))
      return { path: `${path}.text.citations`, message: 'Extra inputs are not permitted' }
    if (block.type === 'search_result' && block.content.some(hasCitations))
      return { path: `${path}.search_result.content`, message: '`citations` are not permitted here' }
  }
  return null
}

function findToolProblem({ tools, tool_choice: choice }: MessagesRequest): Problem | null {
  const names = (tools ?? []).flatMap(({ name }) => name ?? [])
  if (new Set(names).size < names.length) return { path: 'tools', message: 'Tool names must be unique.' }
  if (!choice || choice.type === 'none') return null
  if (!tools || tools.length === 0)
    return { path: 'tool_choice', message: '`tool_choice` may only be specified while providing `tools`.' }
  if (choice.type !== 'tool' || names.includes(choice.name)) return null
  return { path: '', message: `Tool '${choice.name}' not found in provided tools` }
}

function hasCitations(block: { readonly citations?: readonly unknown[] | null }): boolean {
  return (block.citations ?? []).length > 0
}

function lastTextOf(blocks: readonly InputBlock[]): string {
  const last = blocks.at(-1)
  return last?.type === 'text' ? last.text : ''
}
