import { getLifecycle, models, retiredIds } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { isCapabilitySet, isGate } from '../find/gate.ts'
import type { ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'
import { readTest } from './name-test.ts'
import type { NameTest } from './name-test.ts'
import type { Reported, Reporter } from './reporter.ts'

/** Reports the comparisons and patterns whose answer differs between the old models and the target. */
export function judgeGates({ segments, role }: ScannedFile, move: Move, reporter: Reporter): void {
  if (role === 'log' || role === 'docs') return
  for (const segment of segments) {
    const { source } = segment
    if (segment.role !== 'code' || source.language.layout !== 'code') continue
    const isShell = source.language.name === 'shell'
    let index = -1
    for (const token of source.tokens) {
      index += 1
      const { kind } = token
      if (kind !== 'string' && kind !== 'regex' && !(kind === 'word' && isShell)) continue
      const gate = readGate(source, index, token)
      if (gate !== null) report(segment, gate, { move, reporter, isTest: role === 'test' })
    }
  }
}

interface Gate {
  readonly start: number
  readonly end: number
  readonly text: string
  readonly test: NameTest
}

const modelText = /claude|opus|sonnet|haiku|fable|mythos/i
const versionText = /^-?\d[-.]\d-?$/

function readGate(source: Source, index: number, token: Token): Gate | null {
  const whole = token.kind === 'word' ? readShellPattern(source, index) : null
  const start = token.kind === 'word' ? token.start : token.contentStart
  const end = whole?.end ?? (token.kind === 'word' ? token.end : token.contentEnd)
  const text = source.text.slice(start, end)
  if (text.length > 200 || token.interpolated === true || !isAboutModels(source, token, text)) return null
  const isGating = isGate(source, whole?.last ?? index) || isCapabilitySet(source, token.start)
  if (/\s[a-z]+\s/i.test(text) || !isGating) return null
  const test = readTest(source, token, text)
  return test === null ? null : { start, end, text, test }
}

/** `claude-3-7*)` in a `case` of a shell is several tokens. */
function readShellPattern(source: Source, index: number) {
  const start = source.tokens[index]?.start ?? 0
  const found = /^[\w.*?@:[\]-]+?(?=\s*(?:\||\)|\]\]))/.exec(source.text.slice(start, start + 80))
  if (found === null || !modelText.test(found[0])) return null
  const end = start + found[0].length
  // In `[[ $MODEL == claude-* ]]` the comparison stands in front of the pattern.
  const isTest = /^\s*\]\]/.test(source.text.slice(end, end + 8))
  const last = isTest ? index : source.tokens.findLastIndex((token) => token.start < end)
  return { end, last }
}

function isAboutModels(source: Source, token: Token, text: string): boolean {
  if (modelText.test(text)) return true
  return (
    versionText.test(text) && /model/i.test(source.text.slice(Math.max(0, token.start - 60), token.end + 30))
  )
}

interface GateContext {
  readonly move: Move
  readonly reporter: Reporter
  readonly isTest: boolean
}

function report(segment: Segment, gate: Gate, context: GateContext): void {
  const { target, day } = context.move
  const matched = models.filter((model) => isMatched(model, gate))
  if (matched.length === 0) return reportDead(segment, gate, context)
  // `model.startsWith("claude")` holds for every model.
  if (matched.length === models.length && isAboutFamily(gate)) return
  if (target === null) {
    const areRetired = matched.every((model) => getLifecycle(model, 'anthropic', day).status === 'retired')
    if (areRetired) reportDead(segment, gate, context)
    return
  }
  const changed = listOnOtherSide(matched, target)
  if (changed.length === 0) return reportSameSide(segment, gate, context)
  const [only] = matched
  reportChange(segment, gate, context, {
    model: matched.length === 1 && only !== undefined ? only.id : null,
    message: matched.includes(target)
      ? `The condition is false for older models and true for ${target.id}: the move takes the other branch.`
      : `The condition is true for ${listIds(changed)} and false for ${target.id}: after the move the code takes the other branch.`,
  })
}

const maxShown = 4

function listIds(shown: readonly Model[]): string {
  return shown
    .slice(0, maxShown)
    .map(({ id }) => id)
    .join(', ')
}

function isMatched(model: Model, { test }: Gate): boolean {
  return listSpellings(model).some((name) => test(name))
}

/**
 * The older models on the other side of a condition than the target. A condition that holds for the target and for an
 * older model was written with both in mind, so that it has none.
 */
function listOnOtherSide(matched: readonly Model[], target: Model): readonly Model[] {
  const older = models.filter((model) => model !== target && isBefore(model, target))
  const matchedOlder = older.filter((model) => matched.includes(model))
  if (!matched.includes(target)) return matchedOlder
  return matchedOlder.length === 0 ? older : []
}

function reportChange(
  segment: Segment,
  gate: Gate,
  { reporter, isTest }: GateContext,
  { model, message }: Pick<Reported, 'model' | 'message'>,
): void {
  reporter.add(segment, {
    start: gate.start,
    end: gate.end,
    model,
    platform: null,
    class: isTest ? 'test' : 'gate',
    code: 'gate_changes_side',
    severity: isTest || isAboutFamily(gate) ? 'note' : 'changes',
    message,
    hint: 'Decide the branch for the target, and compare by what a model can do and not by its name.',
    after: null,
    edits: [],
  })
}

/** A condition that stays as it is; its branch was written for older models. */
function reportSameSide(segment: Segment, gate: Gate, { move, reporter, isTest }: GateContext): void {
  if (move.target === null) return
  reporter.add(segment, {
    start: gate.start,
    end: gate.end,
    model: null,
    platform: null,
    class: isTest ? 'test' : 'gate',
    code: 'gate_same_side',
    severity: 'note',
    message: `The condition has the same value for older models and for ${move.target.id}.`,
    hint: 'Check that the branch fits the target.',
    after: null,
    edits: [],
  })
}

/** No model has such a name: retired before the catalog, or misspelled. */
function reportDead(segment: Segment, gate: Gate, { reporter, isTest }: GateContext): void {
  const isKnown =
    retiredIds.some(({ id }) => gate.test(id) || gate.test(`anthropic.${id}`)) ||
    models.some((model) => isMatched(model, gate))
  if (!isKnown) return
  reporter.add(segment, {
    start: gate.start,
    end: gate.end,
    model: null,
    platform: null,
    class: isTest ? 'test' : 'gate',
    code: 'gate_dead',
    severity: isTest ? 'note' : 'changes',
    message: 'The condition is true for retired models only.',
    hint: 'Remove the branch.',
    after: null,
    edits: [],
  })
}

/** `"haiku" in model` asks for a family, which keeps its meaning. */
function isAboutFamily({ text }: Gate): boolean {
  return !/\d/.test(text)
}

function isBefore(model: Model, target: Model): boolean {
  return (
    model.lifecycle.anthropic.released < target.lifecycle.anthropic.released ||
    models.indexOf(model) > models.indexOf(target)
  )
}

const spellings: ReadonlyMap<Model, readonly string[]> = new Map(
  models.map((model) => [model, createSpellings(model)]),
)

function listSpellings(model: Model): readonly string[] {
  return spellings.get(model) ?? []
}

function createSpellings({ id, aliases, otherIds, platforms, family, generation }: Model): readonly string[] {
  const { bedrock, vertex } = platforms
  const dotted =
    Number.parseInt(generation, 10) < 4 ? `claude-${generation}-${family}` : `claude-${family}-${generation}`
  const named = [
    id,
    ...aliases,
    ...otherIds,
    bedrock,
    bedrock === null ? null : `us.${bedrock}`,
    vertex,
    dotted,
    `anthropic/${dotted}`,
  ]
  return named.filter((name) => name !== null)
}
