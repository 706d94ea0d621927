import type { EffortLevel } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

import { createChance, fingerprintOf } from '../random.ts'
import type { Chance } from '../random.ts'
import type { Accepted } from '../message/validate.ts'
import type { Prompt } from '../message/prompt.ts'
import type { Settings } from '../api/route.ts'
import type { ScriptBlock } from '../generate/completion.ts'
import { readConversation } from './conversation.ts'
import { readThinking } from './mode.ts'
import type { ThinkingMode } from './mode.ts'
import { bindsThinking } from './preservation.ts'
import { digestOf, readOrigin, sign, tagOf } from './signature.ts'
import type { Origin } from './signature.ts'
import { createThoughts } from './thought.ts'
import { blocksOf, firstAnswerIndex, isThought, placeOf, questionOf, turnStart } from './turn.ts'
import type { Thought } from './turn.ts'

/** Makes the service redact its thinking (docs.claude.com, build-with-claude/extended-thinking, Nov 2025). */
export const redactionTrigger =
  'ANTHROPIC_MAGIC_STRING_TRIGGER_REDACTED_THINKING_46C9A13E193C177646C7398A98432ECCCE4C1253D5E2D82641AC0E52CC2876CB'

/**
 * The thinking that an answer begins with: one block, or none. Without interleaving a turn thinks
 * once, before its first call of a tool; with it after the results of tools, too; with `between_tools`
 * only there (docs.claude.com, build-with-claude/extended-thinking, Nov 2025; model page of Sonnet 5.5).
 */
export function think(intake: Thinker, { seed }: Pick<Settings, 'seed'>): readonly ScriptBlock[] {
  const { request, model, prompt, betas } = intake
  const mode = readThinking(request, model, betas)
  if (!mode) return []
  const isContinued = firstAnswerIndex(request.messages) >= 0
  if (isContinued ? !mode.interleaved : mode.type === 'between_tools') return []
  const question = questionOf(request.messages)
  const isRedacted = question.includes(redactionTrigger)
  if (!isContinued && isTrivial(question, mode)) return []
  const limit = limitOf(mode, intake, seed)
  if (limit < 1) return []

  const place = placeOf(request.messages)
  const chance = createChance(fingerprintOf(prompt.fingerprint, 'thinking', String(place)))
  const wantedTokens = Math.min(limit, wantedOf(mode, chance))
  if (isRedacted) return [redact(originOf(intake, place, wantedTokens), wantedTokens, seed)]

  const { pieces, tokens } = write(intake, { mode, chance, wantedTokens, limit })
  const origin = { ...originOf(intake, place, tokens), digest: digestOf(pieces.join('')) }
  return [{ kind: 'thinking', pieces, hiddenTokens: tokens, signature: sign(origin, 'thinking', seed) }]
}

/** What of an accepted request it takes to think. */
export interface Thinker extends Pick<Accepted, 'request' | 'model' | 'betas'> {
  readonly prompt: Pick<Prompt, 'toolResults' | 'fingerprint' | 'tokenizer'>
}

function redact(origin: Origin, tokens: number, seed: string): ScriptBlock {
  return { kind: 'redacted_thinking', data: sign(origin, 'redacted_thinking', seed), tokens }
}

function originOf({ request, model }: Thinker, place: number, tokens: number): Origin {
  const before = request.messages.flatMap(blocksOf).findLast(isThought)
  return {
    model: model.id,
    place,
    tokens,
    digest: '',
    conversation: bindsThinking(model) ? readConversation(request) : null,
    previous: before ? tagOf(before) : null,
  }
}

/**
 * Adaptive thinking is almost certain at high effort, and below it skipped for what is simple
 * (platform.claude.com, build-with-claude/adaptive-thinking, 2026). What counts as simple is a guess here,
 * by length.
 */
function isTrivial(question: string, { type, always, effort }: ThinkingMode): boolean {
  if (type !== 'adaptive' || always) return false
  return question.trim().length < (shortestQuestion[effort] ?? 0)
}

const shortestQuestion: Readonly<Partial<Record<EffortLevel, number>>> = { low: 100, medium: 25 }

/**
 * How much there may be: what the turn has left of its budget, and a third of `max_tokens`, which count
 * thinking, so that a small limit does not leave an answer without words. The service would let it.
 */
function limitOf({ budgetTokens }: ThinkingMode, { request }: Thinker, seed: string): number {
  const third = Math.floor((request.max_tokens ?? 0) / 3)
  if (budgetTokens === null) return third
  return Math.min(third, budgetTokens - spentTokens(request, seed))
}

/** A budget is for all thinking of one turn of the assistant, as its own signatures tell it. */
function spentTokens({ messages }: Thinker['request'], seed: string): number {
  const thoughts: readonly Thought[] = messages
    .slice(turnStart(messages) + 1)
    .flatMap(blocksOf)
    .filter(isThought)
  return thoughts.reduce((sum, block) => sum + (readOrigin(block, seed)?.tokens ?? 0), 0)
}

/** Of the order of what the service bills for a simple question; a large budget is used a little more. */
function wantedOf({ effort, budgetTokens }: ThinkingMode, chance: Chance): number {
  const usual = budgetTokens === null ? usualTokens[effort] : 160 + Math.floor(budgetTokens / 64)
  return Math.floor((usual * (75 + chance.below(51))) / 100)
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
  readonly chance: Chance
  readonly wantedTokens: number
  readonly limit: number
}

/** The text as far as it is shown, and what all of it is billed as. */
function write(
  intake: Thinker,
  extent: Extent,
): { readonly pieces: readonly string[]; readonly tokens: number } {
  const { mode, chance, wantedTokens, limit } = extent
  if (mode.shown === 'omitted') return { pieces: [], tokens: wantedTokens }
  const isFull = mode.shown === 'full'
  // A summary is about a third of what it sums up.
  const shownTokens = isFull ? wantedTokens : Math.ceil(wantedTokens / 3)
  const { request, prompt } = intake
  const occasion = {
    question: questionOf(request.messages),
    tools: toolNames(request),
    results: firstAnswerIndex(request.messages) >= 0 ? prompt.toolResults : 0,
  }
  const pieces: string[] = []
  for (const sentence of createThoughts(occasion, chance)) {
    for (const piece of prompt.tokenizer.split(sentence)) pieces.push(piece)
    if (pieces.length >= shownTokens) break
  }
  const most = isFull ? limit : wantedTokens
  if (pieces.length > most) pieces.length = most
  return { pieces, tokens: isFull ? pieces.length : wantedTokens }
}

function toolNames({ tools = [], tool_choice: choice }: MessagesRequest): readonly string[] {
  return choice?.type === 'none' ? [] : tools.flatMap((tool) => ('name' in tool ? tool.name : []))
}
