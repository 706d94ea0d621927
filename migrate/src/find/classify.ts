import type { PlaceClass } from '../finding.ts'
import type { Name } from '../names/name.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { foldMember } from '../syntax/group.ts'
import type { Entry } from '../syntax/group.ts'
import { findTokenIndex } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'
import { isCapabilitySet, isGate } from './gate.ts'
import type { PathRole } from './path-role.ts'
import { isDeniedResource } from './policy.ts'
import { findRegistry, hasPrices } from './registry.ts'
import type { Registry } from './registry.ts'
import type { Request } from './request.ts'
import type { Segment } from './segments.ts'

/** What surrounds a name: its class, and the list or map that it is an entry of. */
export interface Context {
  readonly class: PlaceClass
  /** Null: the name is an item or a key of no list, set or map. */
  readonly registry: Registry | null
}

/** A name and its place in the text, as the rules see it. */
interface Occurrence {
  readonly name: Name
  readonly source: Source
  /** The index of the token that contains the name, or of the last one before it. */
  readonly at: number
  readonly token: Token | undefined
  readonly role: PathRole
  readonly segmentRole: Segment['role']
  readonly request: Request | null
}

interface Rule {
  readonly class: PlaceClass
  readonly applies: (occurrence: Occurrence) => boolean
}

/**
 * The first rule that applies decides. The kind of the text comes first, because nothing in a log or a comment runs; then
 * the code that uses the name; last the words around it.
 */
const rules: readonly Rule[] = [
  { class: 'log', applies: ({ role, segmentRole }) => role === 'log' || segmentRole === 'output' },
  { class: 'comment', applies: isInComment },
  { class: 'text', applies: isDocumentation },
  { class: 'gate', applies: (occurrence) => occurrence.role !== 'test' && decides(occurrence) },
  { class: 'test', applies: (occurrence) => occurrence.role === 'test' && decides(occurrence) },
  { class: 'test', applies: isAssertion },
  { class: 'log', applies: (occurrence) => isAnswer(occurrence) || isHistory(occurrence) },
  { class: 'policy', applies: isPolicy },
  { class: 'log', applies: isLogged },
  { class: 'test', applies: ({ role }) => role === 'test' },
  { class: 'text', applies: isProse },
]

/** Finds the class of a name from its file, its token and the brackets around it. */
export function classify(name: Name, segment: Segment, role: PathRole, request: Request | null): Context {
  const { source } = segment
  const at = findTokenIndex(source, name.start)
  const token = source.tokens[at]
  const occurrence = { name, source, at, token, role, segmentRole: segment.role, request }
  const rule = rules.find(({ applies }) => applies(occurrence))
  // The statement of a policy lists resources: one model is enough to make it a list.
  if (rule?.class === 'policy')
    return {
      class: 'policy',
      registry: isDeniedResource(source, name.start) ? null : findRegistry(source, name, 1),
    }
  if (rule !== undefined) return { class: rule.class, registry: null }
  return classifyUse(occurrence)
}

/** Classifies a name that the program uses as a value: in a list or map of models, in a call, or on its own. */
function classifyUse({ name, source, request }: Occurrence): Context {
  const registry = findRegistry(source, name)
  if (registry !== null)
    return { class: hasPrices(registry.group, registry.entry) ? 'prices' : 'definition', registry }
  return { class: isCall(request) || isCommand(source, name) ? 'call' : 'definition', registry }
}

/** A page, except for the settings at its start. */
function isDocumentation({ role, segmentRole, source }: Occurrence): boolean {
  return segmentRole === 'docs' || (role === 'docs' && source.language.layout !== 'yaml')
}

function isInComment({ token, name }: Occurrence): boolean {
  return token?.kind === 'comment' && name.start < token.end
}

function decides({ source, at, name }: Occurrence): boolean {
  return isGate(source, at) || isCapabilitySet(source, name.start)
}

/** The part of an ARN before a model: `arn:aws:bedrock:us-east-1::foundation-model/anthropic.`. */
const arnBefore = /arn:aws[\w-]*:bedrock:[^"'\s]*$/

/** An action or a member of a policy of AWS: `bedrock:InvokeModel`, `"Resource": [`. */
const policyWord = /bedrock:(?:Invoke|Converse|\*|Get|List)|"?(?:Resource|resources|Action|actions)"?\s*[:=]/

function isPolicy({ source, name }: Occurrence): boolean {
  const before = source.text.slice(Math.max(0, name.start - 120), name.start)
  return arnBefore.test(before) && policyWord.test(source.text)
}

/** Functions that print or log, by the end of their callee: `console.log`, `logger.info`, `fmt.Println`. */
const logFunction =
  /(?:^|\W)(?:console\.(?:log|info|warn|error|debug)|log(?:ger|ging)?\.\w+|Log\.\w+|print(?:ln|f)?!?|puts|fmt\.(?:Print|Sprint|Error)\w*|System\.out\.\w+|echo|warn|debug|info|error_log|Console\.Write\w*)$/i

/** Functions that state an expectation or list cases, by the end of their callee: `test.each`, `assertEquals`. */
const assertFunction =
  /(?:^|\W)(?:parametrize|ValueSource|CsvSource|(?:test|it|describe)\.each|toBe|toEqual|toStrictEqual|toContain|toMatch|assert\w*|expect|require\.Equal|assert\.\w+|should\.\w+)!?$/

/** An expectation of a test, wherever it stands. */
function isAssertion({ source, name }: Occurrence): boolean {
  return listEnclosing(source, name.start)
    .slice(0, maxAssertionDepth)
    .some(({ kind, callee }) => kind === '(' && assertFunction.test(callee))
}

const maxAssertionDepth = 3

/** An answer of the API, which a program keeps as a sample. */
function isAnswer({ request }: Occurrence): boolean {
  return request !== null && (request.members.has('stop_reason') || request.members.has('usage'))
}

/** A variable that is called after the past, before its value: `PRICE_HISTORY = `, `"archive": `, `pastModels(`. */
const pastHolder = /(?:histor|archive|(?:^|[\s_])past(?:_|[A-Z]))\w*["']?\s*(?::[^=\n]*)?[:=(]\s*[\w.&[\]]*$/i

function isHistory({ source, name }: Occurrence): boolean {
  return listEnclosing(source, name.start).some(({ start }) =>
    pastHolder.test(source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1, start)),
  )
}

function isLogged({ source, name }: Occurrence): boolean {
  const [group] = listEnclosing(source, name.start)
  return group?.kind === '(' && logFunction.test(group.callee)
}

/** Signs of a command or of a body in JSON: `--max-tokens`, `"model"`, `curl `, an address, `MODEL=`. */
const commandOrBody = /(?:^|\s)--?\w|["']model["']|curl |https?:|[=&]\s*$/

/** Two words with a space between them: `the model`. */
const wordsInRow = /[A-Za-z]{2,}[ ,.]+[A-Za-z]/

/** True inside a sentence: the string has other words, and is neither a command nor a body in JSON. */
function isProse(occurrence: Occurrence): boolean {
  const text = getStringAround(occurrence)
  if (text === null) return false
  if (occurrence.name.form === 'display' || isDescription(occurrence)) return true
  if (commandOrBody.test(text)) return false
  return wordsInRow.test(text.trim()) && text.trim().split(/\s+/).length >= 3
}

/** Members that describe something to a person. */
const describingMember =
  /^(?:help|description|desc|doc|summary|placeholder|comment|hint|tooltip|message|msg|error|detail|reason)$/

function isDescription({ source, name }: Occurrence): boolean {
  return describingMember.test(foldMember(findInnermost(source, name)?.name ?? ''))
}

function getStringAround({ source, token, name }: Occurrence): string | null {
  if (token?.kind === 'string' && name.start < token.end)
    return source.text.slice(token.contentStart, token.contentEnd)
  if (source.language.layout === 'code') return null
  const value = findInnermost(source, name)?.value
  return value?.kind === 'string' ? value.text : null
}

function findInnermost(source: Source, name: Name): Entry | null {
  const [group] = listEnclosing(source, name.start)
  return group === undefined ? null : findEntry(group, name.start)
}

/** `--model NAME` in a workflow or a script. */
function isCommand(source: Source, name: Name): boolean {
  return /--model[= ]["']?[\w/.:-]*$/.test(source.text.slice(Math.max(0, name.start - 60), name.start))
}

function isCall(request: Request | null): boolean {
  if (request === null || request.isDeclaration) return false
  if (request.group.kind === '(' || request.group.kind === 'chain') return true
  const names = ['messages', 'prompt', 'tools', 'input', 'anthropic_version', 'contents']
  return names.filter((name) => request.members.has(name)).length > 0 || request.callee !== ''
}
