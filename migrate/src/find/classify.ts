import type { PlaceClass } from '../finding.ts'
import type { Name } from '../names/name.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { foldMember } from '../syntax/group.ts'
import { findTokenIndex, getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'
import type { PathRole } from './path-role.ts'
import { findRegistry, hasPrices, isList } from './registry.ts'
import type { Registry } from './registry.ts'
import type { Request } from './request.ts'
import type { Segment } from './segments.ts'

/** What surrounds a name: its class, and the list or map that it is an entry of. */
export interface Context {
  readonly class: PlaceClass
  /** Null: the name is an item or a key of no list, set or map. */
  readonly registry: Registry | null
}

/** Finds the class of a name from its file, its token and the brackets around it. */
export function classify(name: Name, segment: Segment, role: PathRole, request: Request | null): Context {
  const { source } = segment
  const none = { registry: null }
  if (role === 'log' || segment.role === 'output') return { class: 'log', ...none }
  const at = findTokenIndex(source, name.start)
  const token = source.tokens[at]
  if (token?.kind === 'comment' && name.start < token.end) return { class: 'comment', ...none }
  if (role === 'docs' || segment.role === 'docs') return { class: 'text', ...none }
  if (isGate(source, at) || isCapabilitySet(source, name.start))
    return { class: role === 'test' ? 'test' : 'gate', ...none }
  if (isAssertion(source, name)) return { class: 'test', ...none }
  if (isAnswer(request) || isHistory(source, name)) return { class: 'log', ...none }
  if (isPolicy(source, name)) return { class: 'policy', registry: findRegistry(source, name, 1) }
  if (isLogged(source, name)) return { class: 'log', ...none }
  if (role === 'test') return { class: 'test', ...none }
  if (isProse(source, token, name)) return { class: 'text', ...none }
  const registry = findRegistry(source, name)
  if (registry !== null && hasPrices(registry.group, registry.entry)) return { class: 'prices', registry }
  if (registry !== null) return { class: 'definition', registry }
  return { class: isCall(request) || isCommand(source, name) ? 'call' : 'definition', ...none }
}

const comparisons = /^(?:==|===|!=|!==|in|is|case|when|=~|eq|equals|\.equals)$/
const gateFunction =
  /(?:startsWith|startswith|start_with\?|starts_with|hasPrefix|HasPrefix|StartsWith|str_starts_with|endsWith|endswith|EndsWith|HasSuffix|includes|include\?|contains|Contains|str_contains|strpos|indexOf|index_of|IndexOf|equals|Equals|equalsIgnoreCase|EqualFold|eql\?|match|match\?|matches|Match|MatchString|IsMatch|test|search|fullmatch|preg_match|replace|replaceAll|ReplaceAll|sub|gsub|str_replace|compile|MustCompile|Regex|RegExp|in_array|fnmatch)$/

/** True if the text decides something: a comparison, a pattern, a case. */
export function isGate(source: Source, at: number): boolean {
  const token = source.tokens[at]
  if (token === undefined || source.language.layout !== 'code') return false
  if (source.language.name === 'sql') return isCondition(source.text.slice(0, token.start))
  if (token.kind === 'regex') return true
  const before = findBeside(source, skipListed(source, at, -1), -1)
  const after = findBeside(source, at, 1)
  const [left, right] = [getTokenText(source, before), getTokenText(source, after)]
  if (comparisons.test(left) && isOnLine(source, before, token)) return !(left === 'in' && isLoop(source, at))
  if (/^(?:==|===|!=|!==|=~|in|is)$/.test(right) && isOnLine(source, token, after)) return true
  if (source.language.name === 'shell') {
    if (/^(?:=|==|!=)$/.test(left) && isShellTest(source, at)) return true
    return right === ')' && (source.partners[source.tokens.indexOf(after ?? token)] ?? -1) < 0
  }
  const arrow = getTokenText(source, findBeside(source, skipListed(source, at, 1), 1))
  if (arrow === '->' || (arrow === '=>' && isArm(source, token.start))) return true
  for (const group of listEnclosing(source, token.start).slice(0, 2)) {
    if (group.kind === '(' && gateFunction.test(group.callee)) return true
    if (group.kind === '[' || group.kind === '(' || group.kind === '{') {
      const close = findTokenIndex(source, group.end - 1)
      const next = `${getTokenText(source, source.tokens[close + 1])}${getTokenText(source, source.tokens[close + 2])}`
      if (/^\.(?:includes|contains|Contains|include|some|indexOf|has|any)$/.test(next)) return true
      const open = source.partners[close] ?? -1
      const previous = getTokenText(source, findBeside(source, open, -1))
      if (previous === 'in' && !isLoop(source, open)) return true
    }
  }
  return false
}

/**
 * True in a set that is only asked whether it has a model, such as `NO_PREFILL.has(model)`: it says what models can do. A
 * list that is called after models is one of the models that a program offers.
 */
export function isCapabilitySet(source: Source, offset: number): boolean {
  const list = listEnclosing(source, offset).find(isList)
  if (list === undefined) return false
  const before = source.text.slice(Math.max(0, list.start - 120), list.start)
  const holder = /(?<holder>[A-Za-z_]\w*)\s*(?::[^=\n]*)?=\s*(?:new\s+|\w+\()?[\w<>.[\]]*\(?$/.exec(before)
    ?.groups?.['holder']
  if (
    holder === undefined ||
    /model|allow|support|know|available|enabled|valid|list|option|choice|default/i.test(holder)
  )
    return false
  const uses = source.text.match(new RegExp(`\\b${holder}\\b(?!\\s*(?::[^=\\n]*)?=[^=])`, 'g'))?.length ?? 0
  const tests = source.text.match(
    new RegExp(
      `\\b${holder}\\b\\.(?:has|includes|contains|Contains|include\\?|member\\?)\\(|\\bin\\s+${holder}\\b`,
      'g',
    ),
  )?.length
  return tests !== undefined && tests === uses
}

/** True behind `WHERE`, `AND`, `ON` and the like; `SET` and `VALUES` write. */
function isCondition(before: string): boolean {
  const words = before.match(/\b(?:where|having|on|and|or|when|set|values|default|select|insert|update)\b/gi)
  return /^(?:where|having|on|and|or|when)$/i.test(words?.at(-1) ?? '')
}

/** `case "a", "b":` and `"a" | "b" =>` have several texts beside their word. */
function skipListed({ tokens, text }: Source, at: number, step: number): number {
  let last = at
  const isMark = (index: number) => /^[,|]$/.test(text.slice(tokens[index]?.start, tokens[index]?.end))
  while (isMark(last + step) && tokens[last + 2 * step]?.kind === 'string') last += 2 * step
  return last
}

/** Words such as `in` and `case` belong to the text on their own line only. */
function isOnLine(source: Source, one: Token | undefined, other: Token | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return (
    one.kind === 'mark' || other.kind === 'mark' || !source.text.slice(one.end, other.start).includes('\n')
  )
}

function isLoop(source: Source, at: number): boolean {
  for (let index = at; index > at - 8 && index >= 0; index -= 1) {
    const text = getTokenText(source, source.tokens[index])
    if (text === 'for' || text === 'foreach') return true
    if (source.tokens[index]?.kind === 'newline') return false
  }
  return false
}

function isShellTest(source: Source, at: number): boolean {
  const group = listEnclosing(source, source.tokens[at]?.start ?? 0)[0]
  return group?.kind === '['
}

/** An arm of `match` or of a switch expression, and not an entry of a map. */
function isArm(source: Source, offset: number): boolean {
  const group = listEnclosing(source, offset)[0]
  if (group?.kind !== '{') return false
  if (source.language.name === 'ruby') return false
  return (
    ['rust', 'csharp', 'java'].includes(source.language.name) ||
    /match\s*\(/.test(group.callee) ||
    source.language.name === 'php'
  )
}

function findBeside({ tokens }: Source, from: number, step: number): Token | undefined {
  let at = from + step
  while (tokens[at]?.kind === 'newline' || tokens[at]?.kind === 'comment') at += step
  return tokens[at]
}

function isPolicy(source: Source, name: Name): boolean {
  const before = source.text.slice(Math.max(0, name.start - 120), name.start)
  if (!/arn:aws[\w-]*:bedrock:[^"'\s]*$/.test(before)) return false
  return /bedrock:(?:Invoke|Converse|\*|Get|List)|"?(?:Resource|resources|Action|actions)"?\s*[:=]/.test(
    source.text,
  )
}

const logFunction =
  /(?:^|\W)(?:console\.(?:log|info|warn|error|debug)|log(?:ger|ging)?\.\w+|Log\.\w+|print(?:ln|f)?!?|puts|fmt\.(?:Print|Sprint|Error)\w*|System\.out\.\w+|echo|warn|debug|info|error_log|Console\.Write\w*)$/i

/** An expectation of a test, wherever it stands. */
function isAssertion(source: Source, name: Name): boolean {
  return listEnclosing(source, name.start)
    .slice(0, maxAssertionDepth)
    .some(
      ({ kind, callee }) =>
        kind === '(' &&
        /(?:^|\W)(?:parametrize|ValueSource|CsvSource|(?:test|it|describe)\.each|toBe|toEqual|toStrictEqual|toContain|toMatch|assert\w*|expect|require\.Equal|assert\.\w+|should\.\w+)!?$/.test(
          callee,
        ),
    )
}

const maxAssertionDepth = 3

/** An answer of the API, which a program keeps as a sample. */
function isAnswer(request: Request | null): boolean {
  return request !== null && (request.members.has('stop_reason') || request.members.has('usage'))
}

/** A list that is called after the past, such as `PRICE_HISTORY`. */
function isHistory(source: Source, name: Name): boolean {
  return listEnclosing(source, name.start).some(({ start }) =>
    /(?:histor|archive|(?:^|[\s_])past(?:_|[A-Z]))\w*["']?\s*(?::[^=\n]*)?[:=(]\s*[\w.&[\]]*$/i.test(
      source.text.slice(source.text.lastIndexOf('\n', start - 1) + 1, start),
    ),
  )
}

function isLogged(source: Source, name: Name): boolean {
  const groups = listEnclosing(source, name.start)
  return groups.slice(0, 1).some((group) => group.kind === '(' && logFunction.test(group.callee))
}

/** True inside a sentence: the string has other words, and is neither a command nor a body in JSON. */
function isProse(source: Source, token: Token | undefined, name: Name): boolean {
  const text = getStringAround(source, token, name)
  if (text === null) return false
  if (name.form === 'display' || isDescription(source, name)) return true
  if (/(?:^|\s)--?\w|["']model["']|curl |https?:|[=&]\s*$/.test(text)) return false
  return /[A-Za-z]{2,}[ ,.]+[A-Za-z]/.test(text.trim()) && text.trim().split(/\s+/).length >= 3
}

function isDescription(source: Source, name: Name): boolean {
  const group = listEnclosing(source, name.start)[0]
  const entry = group === undefined ? null : findEntry(group, name.start)
  return /^(?:help|description|desc|doc|summary|placeholder|comment|hint|tooltip|message|msg|error|detail|reason)$/.test(
    foldMember(entry?.name ?? ''),
  )
}

function getStringAround(source: Source, token: Token | undefined, name: Name): string | null {
  if (token?.kind === 'string' && name.start < token.end)
    return source.text.slice(token.contentStart, token.contentEnd)
  if (source.language.layout === 'code') return null
  const group = listEnclosing(source, name.start)[0]
  const entry = group === undefined ? null : findEntry(group, name.start)
  return entry?.value.kind === 'string' ? entry.value.text : null
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
