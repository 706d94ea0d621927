import { getLifecycle, models, retiredIds } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import { isCapabilitySet, isGate } from '../find/gate.ts'
import type { ScannedFile } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'
import type { Move } from '../move.ts'
import { listEnclosing } from '../syntax/enclosing.ts'
import { getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'
import type { Reporter } from './reporter.ts'

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
  readonly test: (name: string) => boolean
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

type Test = (name: string) => boolean

function readTest(source: Source, token: Token, text: string): Test | null {
  if (token.kind === 'regex') return readPattern(text, source.text.slice(token.contentEnd + 1, token.end))
  const callee = listEnclosing(source, token.start)[0]?.callee ?? ''
  if (
    /(?:startsWith|startswith|start_with\?|starts_with|hasPrefix|HasPrefix|StartsWith|str_starts_with)$/.test(
      callee,
    )
  )
    return (name) => name.startsWith(text)
  if (/(?:endsWith|endswith|EndsWith|HasSuffix|ends_with|end_with\?)$/.test(callee))
    return (name) => name.endsWith(text)
  if (
    /(?:match|match\?|matches|Match|MatchString|IsMatch|test|search|fullmatch|compile|MustCompile|Regex|RegExp|preg_match)$/.test(
      callee,
    )
  )
    return readPattern(text.replaceAll('\\\\', '\\').replace(/^[/#~]|[/#~][a-z]*$/g, ''), 'i')
  if (source.language.name === 'sql' && text.includes('%'))
    return readPattern(`^${text.replaceAll('.', '\\.').replaceAll('%', '.*').replaceAll('_', '.')}$`, '')
  if (source.language.name === 'shell' && /[*?]/.test(text))
    return readPattern(`^${text.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')}$`, '')
  if (
    /(?:includes|include\?|contains|Contains|str_contains|strpos|indexOf|index_of|IndexOf|fnmatch)$/.test(
      callee,
    )
  )
    return (name) => name.includes(text)
  const at = source.tokens.indexOf(token)
  const next = getTokenText(source, source.tokens[at + 1])
  if (next === 'in') return (name) => name.includes(text)
  return (name) => name === text
}

function readPattern(text: string, flags: string): Test | null {
  try {
    const pattern = new RegExp(text, flags.replaceAll(/[^imsu]/g, ''))
    return (name) => pattern.test(name)
  } catch {
    return null
  }
}

interface GateContext {
  readonly move: Move
  readonly reporter: Reporter
  readonly isTest: boolean
}

function report(segment: Segment, gate: Gate, context: GateContext): void {
  const { move, reporter, isTest } = context
  const { target } = move
  const matched = models.filter((model) => listSpellings(model).some((name) => gate.test(name)))
  if (matched.length === 0) return reportDead(segment, gate, context)
  if (matched.length === models.length && !/\d/.test(gate.text)) return
  if (target === null) {
    if (matched.every((model) => getLifecycle(model, 'anthropic', move.day).status === 'retired'))
      reportDead(segment, gate, context)
    return
  }
  const takesTarget = matched.includes(target)
  const older = models.filter((model) => model !== target && isBefore(model, target))
  const leaving = older.filter((model) => matched.includes(model))
  const entering = older.filter((model) => !matched.includes(model))
  const flips = takesTarget ? entering.length > 0 && leaving.length === 0 : leaving.length > 0
  if (!flips) return reportSameSide(segment, gate, context)
  const [only] = matched
  const shown = (takesTarget ? entering : leaving).slice(0, 4).map(({ id }) => id)
  const message = takesTarget
    ? `The condition is false for older models and true for ${target.id}: the move takes the other branch.`
    : `The condition is true for ${shown.join(', ')} and false for ${target.id}: after the move the code takes the other branch.`
  reporter.add(segment, {
    start: gate.start,
    end: gate.end,
    model: matched.length === 1 && only !== undefined ? only.id : null,
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
    models.some((model) => listSpellings(model).some((name) => gate.test(name)))
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
