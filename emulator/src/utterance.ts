import type { StopReason } from '@anthology/wire'

import { splitTokens } from './tokens.ts'

/** What the stand-in says, cut where the request wants it cut. */
export interface Utterance {
  /** They join to the text; each is one token's worth, the last may be less. */
  readonly pieces: readonly string[]
  /** Includes the tokens that spelled a stop sequence: they were made, though not handed over. */
  readonly outputTokens: number
  readonly stopReason: StopReason
  readonly stopSequence: string | null
}

export interface UtteranceLimits {
  readonly maxTokens: number
  /** What an answer that is longer than `maxTokens` ends with. */
  readonly cutReason: StopReason
  readonly stopSequences: readonly string[]
}

/** Takes from `parts` no more than the limit needs. */
export function utter(parts: Iterable<string>, limits: UtteranceLimits): Utterance {
  const { maxTokens, cutReason, stopSequences } = limits
  const pieces: string[] = []
  for (const part of parts) {
    for (const piece of splitTokens(part)) pieces.push(piece)
    if (pieces.length > maxTokens) break
  }
  const isCut = pieces.length > maxTokens
  if (isCut) pieces.length = maxTokens

  const stop = findStop(pieces.join(''), stopSequences)
  if (stop) return endAtStop(pieces, stop)
  return {
    pieces,
    outputTokens: Math.max(1, pieces.length),
    stopReason: isCut ? cutReason : 'end_turn',
    stopSequence: null,
  }
}

interface Stop {
  readonly sequence: string
  readonly start: number
  readonly end: number
}

/** The sequence that is complete first, as a model would notice it while it speaks. */
function findStop(text: string, sequences: readonly string[]): Stop | null {
  let first: Stop | null = null
  for (const sequence of sequences) {
    const start = text.indexOf(sequence)
    const end = start + sequence.length
    // Of two that end together the longer one leaves less behind.
    const isFirst = first === null || end < first.end || (end === first.end && start < first.start)
    if (start >= 0 && isFirst) first = { sequence, start, end }
  }
  return first
}

function endAtStop(pieces: readonly string[], stop: Stop): Utterance {
  const kept: string[] = []
  let outputTokens = 0
  for (let at = 0; at < stop.end; outputTokens += 1) {
    const piece = pieces[outputTokens] ?? ''
    if (at < stop.start) kept.push(piece.slice(0, stop.start - at))
    at += piece.length
  }
  return { pieces: kept, outputTokens, stopReason: 'stop_sequence', stopSequence: stop.sequence }
}
