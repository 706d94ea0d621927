import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { readText } from '@anthology/wire'
import type { MessageParam, MessagesRequest } from '@anthology/wire'

import { createConversationReader } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { readThinking } from './mode.ts'
import { canRead, checksPrefix, keepsEarlierThinking } from './preservation.ts'
import { computeDigest, decodeSignature, computeTag, getText } from './signature.ts'
import type { SignatureOrigin } from './signature.ts'
import { listBlocks, findFirstAnswer, isThought, findLastAnswerStart, findTurnStart } from './turn.ts'
import type { Thought } from './turn.ts'

/** A block that the model does not read (SDK 1.12, `input_transformations`). */
export interface DroppedThinking {
  readonly type: 'thinking_dropped'
  readonly path: string
  readonly reason: 'model_binding_mismatch' | 'prefix_binding_mismatch'
}

export type ThinkingCheck =
  | { readonly ok: true; readonly dropped: readonly DroppedThinking[] }
  | { readonly ok: false; readonly message: string }

/** A request that passed the schema, with its model and betas. */
export interface Returned {
  readonly request: MessagesRequest
  readonly model: Model
  readonly betas: readonly string[]
}

/**
 * Verifies returned thinking: it must be ours, unchanged, at its position and from this conversation (docs.claude.com,
 * build-with-claude/extended-thinking, Nov 2025; platform.claude.com, build-with-claude/preserved-thinking, 2026; texts
 * from public issue reports). Blocks that the model does not read, because it does not think or dropsBroken earlier turns, are
 * not verified; that the API is equally lenient is inferred.
 */
export function verifyThinking({ request, model, betas }: Returned, seed: string): ThinkingCheck {
  const mode = readThinking(request, model, betas)
  if (!mode) return { ok: true, dropped: [] }
  const missing = mode.type === 'enabled' ? findMissingThinking(request.messages) : null
  if (missing !== null) return { ok: false, message: missing }
  const { messages } = request
  if (!messages.some((message) => listBlocks(message).some(isThought))) return { ok: true, dropped: [] }
  return verifyBlocks({ request, model, betas }, seed)
}

/**
 * With a budget, a turn that continues must have started with thinking; adaptive thinking has no such rule
 * (platform.claude.com, build-with-claude/adaptive-thinking, 2026).
 */
function findMissingThinking(messages: readonly MessageParam[]): string | null {
  const at = findFirstAnswer(messages)
  const message = messages[at]
  const first = message && listBlocks(message)[0]
  if (!first || isThought(first)) return null
  return (
    `messages.${at}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found ` +
    `\`${first.type}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking ` +
    'block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We recommend you include ' +
    'thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our ' +
    'documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking'
  )
}

/** A thinking block and its position in the conversation. */
interface BlockContext {
  readonly block: Thought
  readonly path: string
  readonly isInLastAnswer: boolean
  /** The number of blocks before it in its run of assistant messages, not counting thinking. */
  readonly position: number
  readonly conversation: Conversation | null
  readonly previous: string | null
}

function verifyBlocks({ request, model, betas }: Returned, seed: string): ThinkingCheck {
  const dropsBroken = dropsMismatches(request, betas)
  const dropped: DroppedThinking[] = []
  let isPrefixBroken = false
  for (const context of iterateBlocks(request, model)) {
    const { path, block } = context
    const origin = decodeSignature(block, seed)
    if (!origin) return { ok: false, message: `${path}: ${getInvalidText(block)}` }
    if (computeDigest(getText(block)) !== origin.digest && block.type === 'thinking')
      return {
        ok: false,
        message: `${path}: ${context.isInLastAnswer ? modifiedText : getInvalidText(block)}`,
      }
    if (context.isInLastAnswer && context.position !== origin.position)
      return { ok: false, message: `${path}: ${modifiedText}` }
    if (!isReadable(model, origin)) {
      dropped.push({ type: 'thinking_dropped', path, reason: 'model_binding_mismatch' })
      continue
    }
    const difference = checksPrefix(model) ? findDifference(context, origin) : null
    if (difference !== null && !dropsBroken)
      return { ok: false, message: `${path}: ${getInvalidText(block)}. ${boundText} ${difference}` }
    isPrefixBroken ||= difference !== null
    // Thinking after a broken prefix is dropped as well.
    if (isPrefixBroken) dropped.push({ type: 'thinking_dropped', path, reason: 'prefix_binding_mismatch' })
  }
  return { ok: true, dropped }
}

const modifiedText =
  '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. ' +
  'These blocks must remain as they were in the original response.'

function getInvalidText({ type }: Thought): string {
  return type === 'thinking'
    ? 'Invalid `signature` in `thinking` block'
    : 'Invalid `data` in `redacted_thinking` block'
}

const boundText =
  'The block is bound to a different conversation. Remove the block, or set ' +
  '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the ' +
  '`thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.'

/** Iterates over the thinking blocks that the model reads, in order. */
function* iterateBlocks(request: MessagesRequest, model: Model): Generator<BlockContext> {
  const { messages } = request
  const from = keepsEarlierThinking(model) ? 0 : findTurnStart(messages) + 1
  const lastAnswer = findLastAnswerStart(messages)
  const reader = checksPrefix(model) ? createConversationReader(request) : null
  let position = 0
  let previous: string | null = null
  for (const [index, message] of messages.entries()) {
    const { role } = message
    if (role === 'assistant' && messages[index - 1]?.role !== 'assistant') position = 0
    for (const [at, block] of listBlocks(message).entries()) {
      if (!isThought(block)) {
        reader?.take(role, block)
        position += 1
        continue
      }
      const path = `messages.${index}.content.${at}`
      const conversation = reader?.value() ?? null
      if (index >= from)
        yield { block, path, isInLastAnswer: index >= lastAnswer, position, conversation, previous }
      previous = computeTag(block)
    }
  }
}

function isReadable(reader: Model, { model }: SignatureOrigin): boolean {
  const writer = models.find(({ id }) => id === model)
  return writer !== undefined && canRead(reader, writer)
}

/**
 * Describes the change before a block. The text for the system prompt is the API's, the others are inferred. Blocks of
 * models that record no conversation are accepted (inferred). Thinking may be removed from the first block on, but not
 * from the middle.
 */
function findDifference(context: BlockContext, { conversation, previous }: SignatureOrigin): string | null {
  const now = context.conversation
  if (!conversation || !now) return null
  if (conversation.system !== now.system)
    return 'The `system` prompt differs from the one this block was created with.'
  if (conversation.tools !== now.tools) return 'The `tools` differ from the ones this block was created with.'
  const isWhole = context.previous === null || context.previous === previous
  if (conversation.messages !== now.messages || !isWhole)
    return 'The `messages` before it differ from the ones this block was created with.'
  return null
}

/** `drop_block` requires its beta; without it the schema rejects the member. */
function dropsMismatches({ thinking }: MessagesRequest, betas: readonly string[]): boolean {
  if (!betas.includes('thinking-binding-controls-2026-08-01')) return false
  if (!thinking || !('block_binding' in thinking)) return false
  const { block_binding: binding } = thinking
  return readText(binding, 'prefix_mismatch_behavior') === 'drop_block'
}
