import type { EffortLevel } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

import { createRandom, computeFingerprint } from '../random.ts'
import type { Random } from '../random.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { readLastUser } from '../message/last-user.ts'
import type { Prompt } from '../message/prompt.ts'
import type { Settings } from '../options/settings.ts'
import type { CompletionBlock } from '../generate/completion.ts'
import { listOfferedTools } from '../tools/offered-tools.ts'
import { readConversation } from './conversation.ts'
import { readThinking } from './mode.ts'
import type { ThinkingMode } from './mode.ts'
import { bindsThinking } from './preservation.ts'
import { computeDigest, decodeSignature, sign, computeTag } from './signature.ts'
import type { SignatureOrigin } from './signature.ts'
import { createThoughts } from './thought.ts'
import { countPrecedingBlocks, findFirstAnswer, findTurnStart, isThought, listBlocks } from './turn.ts'
import type { Thought } from './turn.ts'

/** The API's test string for redacted thinking (docs.claude.com, build-with-claude/extended-thinking, Nov 2025). */
export const redactionTrigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'

/**
 * Creates the thinking at the start of an answer: one block, or none. Without interleaving there is thinking once per
 * turn, before the first tool call; with interleaving also after tool results; with `between_tools` only there
 * (docs.claude.com, build-with-claude/extended-thinking, Nov 2025; model page of Sonnet 5.5).
 */
export function think(
  validation: ThinkingInput,
  { seed }: Pick<Settings, 'seed'>,
): readonly CompletionBlock[] {
  const { request, model, prompt, betas } = validation
  const mode = readThinking(request, model, betas)
  if (!mode) return []
  const isContinued = findFirstAnswer(request.messages) >= 0
  if (isContinued ? !mode.interleaved : mode.type === 'between_tools') return []
  const question = readLastUser(request.messages)
  const isRedacted = question.includes(redactionTrigger)
  if (!isContinued && isTrivial(question, mode)) return []
  const limit = findThinkingLimit(mode, validation, seed)
  if (limit < 1) return []

  const position = countPrecedingBlocks(request.messages)
  const random = createRandom(computeFingerprint(prompt.fingerprint, 'thinking', String(position)))
  const wantedTokens = Math.min(limit, countWanted(mode, random))
  if (isRedacted)
    return [createRedactedThinking(getOrigin(validation, position, wantedTokens), wantedTokens, seed)]

  const { chunks, tokens } = writeThinking(validation, { mode, random, wantedTokens, limit })
  const origin = { ...getOrigin(validation, position, tokens), digest: computeDigest(chunks.join('')) }
  return [{ kind: 'thinking', chunks, hiddenTokens: tokens, signature: sign(origin, 'thinking', seed) }]
}

/**
 * Creates a thinking block with a given text, or a redacted one for null, at the end of the request's messages: the
 * blocks of the answer before it are its last message. The text is shown as the request wants it: a summary is the text
 * itself. The request must enable thinking.
 */
export function createScriptedThinking(
  text: string | null,
  validation: ThinkingInput,
  { seed }: Pick<Settings, 'seed'>,
): CompletionBlock {
  const { request, model, prompt, betas } = validation
  const position = countPrecedingBlocks(request.messages)
  if (text === null)
    return createRedactedThinking(getOrigin(validation, position, redactedTokens), redactedTokens, seed)
  const chunks = prompt.tokenizer.split(text)
  const shown = readThinking(request, model, betas)?.shown === 'omitted' ? [] : chunks
  const origin = {
    ...getOrigin(validation, position, chunks.length),
    digest: computeDigest(shown.join('')),
  }
  return {
    kind: 'thinking',
    chunks: shown,
    hiddenTokens: chunks.length,
    signature: sign(origin, 'thinking', seed),
  }
}

/** The billed tokens of a scripted block whose text is not known. */
const redactedTokens = 60

/** The parts of a valid request that thinking depends on. */
export interface ThinkingInput extends Pick<ValidRequest, 'request' | 'model' | 'betas'> {
  readonly prompt: Pick<Prompt, 'toolResults' | 'fingerprint' | 'tokenizer'>
}

function createRedactedThinking(origin: SignatureOrigin, tokens: number, seed: string): CompletionBlock {
  return { kind: 'redacted_thinking', data: sign(origin, 'redacted_thinking', seed), tokens }
}

function getOrigin({ request, model }: ThinkingInput, position: number, tokens: number): SignatureOrigin {
  const before = request.messages.flatMap(listBlocks).findLast(isThought)
  return {
    model: model.id,
    position,
    tokens,
    digest: '',
    conversation: bindsThinking(model) ? readConversation(request) : null,
    previous: before ? computeTag(before) : null,
  }
}

/**
 * Adaptive thinking almost always happens at high effort, and is skipped for simple questions at lower effort
 * (platform.claude.com, build-with-claude/adaptive-thinking, 2026). Here a short question counts as simple, which is a
 * guess.
 */
function isTrivial(question: string, { type, always, effort }: ThinkingMode): boolean {
  if (type !== 'adaptive' || always) return false
  return question.trim().length < (minQuestionLength[effort] ?? 0)
}

const minQuestionLength: Readonly<Partial<Record<EffortLevel, number>>> = { low: 100, medium: 25 }

/**
 * Limits thinking to the rest of the turn's budget and to a third of `max_tokens`, which include thinking, so that a
 * small limit still leaves room for text. The API has no such rule.
 */
function findThinkingLimit({ budgetTokens }: ThinkingMode, { request }: ThinkingInput, seed: string): number {
  const third = Math.floor((request.max_tokens ?? 0) / 3)
  if (budgetTokens === null) return third
  return Math.min(third, budgetTokens - countSpentTokens(request, seed))
}

/** Sums up the thinking of the current turn from its signatures; a budget applies to the whole turn. */
function countSpentTokens({ messages }: ThinkingInput['request'], seed: string): number {
  const thoughts: readonly Thought[] = messages
    .slice(findTurnStart(messages) + 1)
    .flatMap(listBlocks)
    .filter(isThought)
  return thoughts.reduce((sum, block) => sum + (decodeSignature(block, seed)?.tokens ?? 0), 0)
}

/** About what the API bills for a simple question; a larger budget leads to slightly more. */
function countWanted({ effort, budgetTokens }: ThinkingMode, random: Random): number {
  const typical = budgetTokens === null ? typicalTokens[effort] : 160 + Math.floor(budgetTokens / 64)
  return Math.floor((typical * (75 + random.below(51))) / 100)
}

const typicalTokens: Readonly<Record<EffortLevel, number>> = {
  low: 60,
  medium: 120,
  high: 240,
  xhigh: 480,
  max: 960,
}

interface ThinkingLength {
  readonly mode: ThinkingMode
  readonly random: Random
  readonly wantedTokens: number
  readonly limit: number
}

/** Generates the shown text, and the billed tokens of the whole. */
function writeThinking(
  validation: ThinkingInput,
  length: ThinkingLength,
): { readonly chunks: readonly string[]; readonly tokens: number } {
  const { mode, random, wantedTokens, limit } = length
  if (mode.shown === 'omitted') return { chunks: [], tokens: wantedTokens }
  const isFull = mode.shown === 'full'
  // A summary is about a third of the full text.
  const shownTokens = isFull ? wantedTokens : Math.ceil(wantedTokens / 3)
  const { request, prompt } = validation
  const context = {
    question: readLastUser(request.messages),
    tools: listToolNames(request),
    results: findFirstAnswer(request.messages) >= 0 ? prompt.toolResults : 0,
  }
  const chunks: string[] = []
  for (const sentence of createThoughts(context, random)) {
    for (const chunk of prompt.tokenizer.split(sentence)) chunks.push(chunk)
    if (chunks.length >= shownTokens) break
  }
  const maxChunks = isFull ? limit : wantedTokens
  if (chunks.length > maxChunks) chunks.length = maxChunks
  return { chunks, tokens: isFull ? chunks.length : wantedTokens }
}

function listToolNames(request: MessagesRequest): readonly string[] {
  if (request.tool_choice?.type === 'none') return []
  return listOfferedTools(request).flatMap(({ tool }) => tool.name ?? [])
}
