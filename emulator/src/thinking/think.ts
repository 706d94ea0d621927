import type { EffortLevel } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

import { createRandom, computeFingerprint } from '../random.ts'
import type { Random } from '../random.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import { readLastUser } from '../message/last-user.ts'
import type { Prompt } from '../message/prompt.ts'
import type { Settings } from '../settings.ts'
import type { CompletionBlock } from '../generate/completion.ts'
import { readConversation } from './conversation.ts'
import { readThinking } from './mode.ts'
import type { ThinkingMode } from './mode.ts'
import { bindsThinking } from './preservation.ts'
import { computeDigest, decodeSignature, sign, getTag } from './signature.ts'
import type { SignatureOrigin } from './signature.ts'
import { createThoughts } from './thought.ts'
import { listBlocks, firstAnswerIndex, isThought, findPlace, turnStart } from './turn.ts'
import type { Thought } from './turn.ts'

/** Makes the service redact its thinking (docs.claude.com, build-with-claude/extended-thinking, Nov 2025). */
export const redactionTrigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'

/**
 * The thinking that an answer begins with: one block, or none. Without interleaving a turn thinks
 * once, before its first call of a tool; with it after the results of tools, too; with `between_tools`
 * only there (docs.claude.com, build-with-claude/extended-thinking, Nov 2025; model page of Sonnet 5.5).
 */
export function think(validation: Thinker, { seed }: Pick<Settings, 'seed'>): readonly CompletionBlock[] {
  const { request, model, prompt, betas } = validation
  const mode = readThinking(request, model, betas)
  if (!mode) return []
  const isContinued = firstAnswerIndex(request.messages) >= 0
  if (isContinued ? !mode.interleaved : mode.type === 'between_tools') return []
  const question = readLastUser(request.messages)
  const isRedacted = question.includes(redactionTrigger)
  if (!isContinued && isTrivial(question, mode)) return []
  const limit = findLimit(mode, validation, seed)
  if (limit < 1) return []

  const place = findPlace(request.messages)
  const random = createRandom(computeFingerprint(prompt.fingerprint, 'thinking', String(place)))
  const wantedTokens = Math.min(limit, countWanted(mode, random))
  if (isRedacted) return [redact(getOrigin(validation, place, wantedTokens), wantedTokens, seed)]

  const { chunks, tokens } = write(validation, { mode, random, wantedTokens, limit })
  const origin = { ...getOrigin(validation, place, tokens), digest: computeDigest(chunks.join('')) }
  return [{ kind: 'thinking', chunks, hiddenTokens: tokens, signature: sign(origin, 'thinking', seed) }]
}

/** What of an accepted request it takes to think. */
export interface Thinker extends Pick<ValidRequest, 'request' | 'model' | 'betas'> {
  readonly prompt: Pick<Prompt, 'toolResults' | 'fingerprint' | 'tokenizer'>
}

function redact(origin: SignatureOrigin, tokens: number, seed: string): CompletionBlock {
  return { kind: 'redacted_thinking', data: sign(origin, 'redacted_thinking', seed), tokens }
}

function getOrigin({ request, model }: Thinker, place: number, tokens: number): SignatureOrigin {
  const before = request.messages.flatMap(listBlocks).findLast(isThought)
  return {
    model: model.id,
    place,
    tokens,
    digest: '',
    conversation: bindsThinking(model) ? readConversation(request) : null,
    previous: before ? getTag(before) : null,
  }
}

/**
 * Adaptive thinking is almost certain at high effort, and below it skipped for what is simple
 * (platform.claude.com, build-with-claude/adaptive-thinking, 2026). What counts as simple is a guess here,
 * by length.
 */
function isTrivial(question: string, { type, always, effort }: ThinkingMode): boolean {
  if (type !== 'adaptive' || always) return false
  return question.trim().length < (minQuestionLength[effort] ?? 0)
}

const minQuestionLength: Readonly<Partial<Record<EffortLevel, number>>> = { low: 100, medium: 25 }

/**
 * How much there may be: what the turn has left of its budget, and a third of `max_tokens`, which count
 * thinking, so that a small limit does not leave an answer without words. The service would let it.
 */
function findLimit({ budgetTokens }: ThinkingMode, { request }: Thinker, seed: string): number {
  const third = Math.floor((request.max_tokens ?? 0) / 3)
  if (budgetTokens === null) return third
  return Math.min(third, budgetTokens - spentTokens(request, seed))
}

/** A budget is for all thinking of one turn of the assistant, as its own signatures tell it. */
function spentTokens({ messages }: Thinker['request'], seed: string): number {
  const thoughts: readonly Thought[] = messages
    .slice(turnStart(messages) + 1)
    .flatMap(listBlocks)
    .filter(isThought)
  return thoughts.reduce((sum, block) => sum + (decodeSignature(block, seed)?.tokens ?? 0), 0)
}

/** Of the order of what the service bills for a simple question; a large budget is used a little more. */
function countWanted({ effort, budgetTokens }: ThinkingMode, random: Random): number {
  const usual = budgetTokens === null ? usualTokens[effort] : 160 + Math.floor(budgetTokens / 64)
  return Math.floor((usual * (75 + random.below(51))) / 100)
}

const usualTokens: Readonly<Record<EffortLevel, number>> = {
  low: 60,
  medium: 120,
  high: 240,
  xhigh: 480,
  max: 960,
}

interface Extent {
  readonly mode: ThinkingMode
  readonly random: Random
  readonly wantedTokens: number
  readonly limit: number
}

/** The text as far as it is shown, and what all of it is billed as. */
function write(
  validation: Thinker,
  extent: Extent,
): { readonly chunks: readonly string[]; readonly tokens: number } {
  const { mode, random, wantedTokens, limit } = extent
  if (mode.shown === 'omitted') return { chunks: [], tokens: wantedTokens }
  const isFull = mode.shown === 'full'
  // A summary is about a third of what it sums up.
  const shownTokens = isFull ? wantedTokens : Math.ceil(wantedTokens / 3)
  const { request, prompt } = validation
  const context = {
    question: readLastUser(request.messages),
    tools: toolNames(request),
    results: firstAnswerIndex(request.messages) >= 0 ? prompt.toolResults : 0,
  }
  const chunks: string[] = []
  for (const sentence of createThoughts(context, random)) {
    for (const chunk of prompt.tokenizer.split(sentence)) chunks.push(chunk)
    if (chunks.length >= shownTokens) break
  }
  const most = isFull ? limit : wantedTokens
  if (chunks.length > most) chunks.length = most
  return { chunks, tokens: isFull ? chunks.length : wantedTokens }
}

function toolNames({ tools = [], tool_choice: choice }: MessagesRequest): readonly string[] {
  return choice?.type === 'none' ? [] : tools.flatMap((tool) => ('name' in tool ? tool.name : []))
}
