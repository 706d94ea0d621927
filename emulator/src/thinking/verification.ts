import { models } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { readText } from '@anthology/wire'
import type { MessageParam, MessagesRequest } from '@anthology/wire'

import { createConversationReader } from './conversation.ts'
import type { Conversation } from './conversation.ts'
import { readThinking } from './mode.ts'
import { canRead, checksPrefix, keepsEarlierThinking } from './preservation.ts'
import { computeDigest, decodeSignature, getTag, getText } from './signature.ts'
import type { SignatureOrigin } from './signature.ts'
import { listBlocks, firstAnswerIndex, isThought, lastAnswerStart, turnStart } from './turn.ts'
import type { Thought } from './turn.ts'

/** A block that the model does not get to see (SDK 1.12, `input_transformations`). */
export interface DroppedThinking {
  readonly type: 'thinking_dropped'
  readonly path: string
  readonly reason: 'model_binding_mismatch' | 'prefix_binding_mismatch'
}

export type ThinkingVerdict =
  | { readonly ok: true; readonly dropped: readonly DroppedThinking[] }
  | { readonly ok: false; readonly message: string }

/** What the verdict is about; a request that the schema took. */
export interface Returned {
  readonly request: MessagesRequest
  readonly model: Model
  readonly betas: readonly string[]
}

/**
 * Looks at the thinking that a client sends back: whether it is ours, unchanged, in its place and of
 * this conversation (docs.claude.com, build-with-claude/extended-thinking, Nov 2025;
 * platform.claude.com, build-with-claude/preserved-thinking, 2026; texts from public issue reports). What
 * the model will not read, because it does not think or forgets earlier turns, is not looked at; that the
 * service is as lenient is inferred.
 */
export function verifyThinking({ request, model, betas }: Returned, seed: string): ThinkingVerdict {
  const mode = readThinking(request, model, betas)
  if (!mode) return { ok: true, dropped: [] }
  const missing = mode.type === 'enabled' ? findMissing(request.messages) : null
  if (missing !== null) return { ok: false, message: missing }
  const { messages } = request
  if (!messages.some((message) => listBlocks(message).some(isThought))) return { ok: true, dropped: [] }
  return verifyBlocks({ request, model, betas }, seed)
}

/**
 * With a budget the turn that goes on must have begun with thinking; adaptive thinking asks for
 * nothing of the kind (platform.claude.com, build-with-claude/adaptive-thinking, 2026).
 */
function findMissing(messages: readonly MessageParam[]): string | null {
  const at = firstAnswerIndex(messages)
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

/** A block and what is known about where it stands. */
interface LimitState {
  readonly block: Thought
  readonly path: string
  readonly isInLastAnswer: boolean
  /** Blocks before it in its run of assistant messages, thinking not counted. */
  readonly place: number
  readonly conversation: Conversation | null
  readonly previous: string | null
}

function verifyBlocks({ request, model, betas }: Returned, seed: string): ThinkingVerdict {
  const drops = dropsMismatches(request, betas)
  const dropped: DroppedThinking[] = []
  let isPrefixBroken = false
  for (const standing of standings(request, model)) {
    const { path, block } = standing
    const origin = decodeSignature(block, seed)
    if (!origin) return { ok: false, message: `${path}: ${invalid(block)}` }
    if (computeDigest(getText(block)) !== origin.digest && block.type === 'thinking')
      return { ok: false, message: `${path}: ${standing.isInLastAnswer ? modified : invalid(block)}` }
    if (standing.isInLastAnswer && standing.place !== origin.place)
      return { ok: false, message: `${path}: ${modified}` }
    if (!isReadable(model, origin)) {
      dropped.push({ type: 'thinking_dropped', path, reason: 'model_binding_mismatch' })
      continue
    }
    const difference = checksPrefix(model) ? findDifference(standing, origin) : null
    if (difference !== null && !drops)
      return { ok: false, message: `${path}: ${invalid(block)}. ${bound} ${difference}` }
    isPrefixBroken ||= difference !== null
    // What was thought after a broken prefix goes with it.
    if (isPrefixBroken) dropped.push({ type: 'thinking_dropped', path, reason: 'prefix_binding_mismatch' })
  }
  return { ok: true, dropped }
}

const modified =
  '`thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified. ' +
  'These blocks must remain as they were in the original response.'

function invalid({ type }: Thought): string {
  return type === 'thinking'
    ? 'Invalid `signature` in `thinking` block'
    : 'Invalid `data` in `redacted_thinking` block'
}

const bound =
  'The block is bound to a different conversation. Remove the block, or set ' +
  '`thinking.block_binding.prefix_mismatch_behavior` to "drop_block". That setting requires the ' +
  '`thinking-binding-controls-2026-08-01` value in the `anthropic-beta` header.'

/** The blocks that the model reads, in order. */
function* standings(request: MessagesRequest, model: Model): Generator<LimitState> {
  const { messages } = request
  const from = keepsEarlierThinking(model) ? 0 : turnStart(messages) + 1
  const lastAnswer = lastAnswerStart(messages)
  const reader = checksPrefix(model) ? createConversationReader(request) : null
  let place = 0
  let previous: string | null = null
  for (const [index, message] of messages.entries()) {
    const { role } = message
    if (role === 'assistant' && messages[index - 1]?.role !== 'assistant') place = 0
    for (const [at, block] of listBlocks(message).entries()) {
      if (!isThought(block)) {
        reader?.take(role, block)
        place += 1
        continue
      }
      const path = `messages.${index}.content.${at}`
      const conversation = reader?.value() ?? null
      if (index >= from)
        yield { block, path, isInLastAnswer: index >= lastAnswer, place, conversation, previous }
      previous = getTag(block)
    }
  }
}

function isReadable(reader: Model, { model }: SignatureOrigin): boolean {
  const writer = models.find(({ id }) => id === model)
  return writer !== undefined && canRead(reader, writer)
}

/**
 * What changed before a block, in the words of the service for the system prompt; the others are inferred.
 * Blocks of models that record no conversation are let through (inferred), and thinking may be left out
 * from the first block on, not from the middle.
 */
function findDifference(standing: LimitState, { conversation, previous }: SignatureOrigin): string | null {
  const now = standing.conversation
  if (!conversation || !now) return null
  if (conversation.system !== now.system)
    return 'The `system` prompt differs from the one this block was created with.'
  if (conversation.tools !== now.tools) return 'The `tools` differ from the ones this block was created with.'
  const isWhole = standing.previous === null || standing.previous === previous
  if (conversation.messages !== now.messages || !isWhole)
    return 'The `messages` before it differ from the ones this block was created with.'
  return null
}

/** `drop_block` needs its beta; without it the schema refuses the member. */
function dropsMismatches({ thinking }: MessagesRequest, betas: readonly string[]): boolean {
  if (!betas.includes('thinking-binding-controls-2026-08-01')) return false
  if (!thinking || !('block_binding' in thinking)) return false
  const { block_binding: binding } = thinking
  return readText(binding, 'prefix_mismatch_behavior') === 'drop_block'
}
