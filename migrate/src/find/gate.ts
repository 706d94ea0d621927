import { listEnclosing } from '../syntax/enclosing.ts'
import type { Group } from '../syntax/group.ts'
import { findTokenIndex, getTokenText } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import type { Token } from '../syntax/tokenize.ts'
import { isList } from './registry.ts'

/** A token beside a text, without the line breaks and comments between them; undefined at the end of the file. */
interface Neighbour {
  readonly index: number
  readonly token: Token | undefined
  readonly text: string
}

/** True if the text decides something: a comparison, a pattern, a case. */
export function isGate(source: Source, at: number): boolean {
  const { language, text } = source
  const token = source.tokens[at]
  if (token === undefined || language.layout !== 'code') return false
  if (language.name === 'sql') return isCondition(text.slice(0, token.start))
  if (token.kind === 'regex') return true
  const before = findNeighbour(source, skipAlternatives(source, at, -1), -1)
  const after = findNeighbour(source, at, 1)
  if (comparesNext.test(before.text) && isOnLine(source, before.token, token))
    return !(before.text === 'in' && isLoop(source, at))
  if (comparesPrevious.test(after.text) && isOnLine(source, token, after.token)) return true
  if (language.name === 'shell') return isShellTest(source, at, before) || isShellCase(source, after)
  return (
    isArm(source, at) ||
    listEnclosing(source, token.start)
      .slice(0, maxQuestionDepth)
      .some((group) => isQuestion(source, group))
  )
}

/** Operators and words that compare the text behind them: `model == "..."`, `case "...":`. */
const comparesNext = /^(?:==|===|!=|!==|in|is|case|when|=~|eq|equals|\.equals)$/

/** Operators that compare the text before them: `"..." === model`. */
const comparesPrevious = /^(?:==|===|!=|!==|=~|in|is)$/

/** A call around a text, or a call around the list that contains it. */
const maxQuestionDepth = 2

/** True for arguments of a function that decides by them, and for a list that is asked whether it has a value. */
function isQuestion(source: Source, group: Group): boolean {
  if (group.kind === '(' && gateFunctions.some((functions) => functions.test(group.callee))) return true
  return (group.kind === '[' || group.kind === '(' || group.kind === '{') && isAskedList(source, group)
}

/** Functions that decide by a text, by the end of their callee, such as `model.startsWith` and `regexp.MustCompile`. */
const gateFunctions: readonly RegExp[] = [
  /(?:startsWith|startswith|start_with\?|starts_with|hasPrefix|HasPrefix|StartsWith)$/,
  /(?:endsWith|endswith|EndsWith|HasSuffix)$/,
  /(?:includes|include\?|contains|Contains|strpos|indexOf|index_of|IndexOf|in_array)$/,
  /(?:equals|Equals|equalsIgnoreCase|EqualFold|eql\?)$/,
  /(?:match|match\?|matches|Match|MatchString|search|test)$/,
  /(?:replace|replaceAll|ReplaceAll|sub)$/,
  /(?:compile|MustCompile|Regex|RegExp)$/,
]

/** Members that ask a list about a value: `["...", "..."].includes(model)`. */
const asksList = /^\.(?:includes|contains|Contains|include|some|indexOf|has|any)$/

/** `["..."].includes(model)` or `model in ("...", "...")`. */
function isAskedList(source: Source, { end }: Group): boolean {
  const close = findTokenIndex(source, end - 1)
  const [dot, member] = [close + 1, close + 2].map((at) => getTokenText(source, source.tokens[at]))
  if (asksList.test(`${dot}${member}`)) return true
  const open = source.partners[close] ?? -1
  return findNeighbour(source, open, -1).text === 'in' && !isLoop(source, open)
}

/** An arm of `match` or of a switch expression: `"..." => {`. */
function isArm(source: Source, at: number): boolean {
  const arrow = findNeighbour(source, skipAlternatives(source, at, 1), 1).text
  return arrow === '->' || (arrow === '=>' && hasArms(source, source.tokens[at]?.start ?? 0))
}

/** Languages whose `=>` in braces makes no entry of a map. */
const languagesWithArms: ReadonlySet<string> = new Set(['rust', 'csharp', 'java', 'php'])

/** True in the braces of a `match` or a switch expression, false in those of a map. */
function hasArms(source: Source, offset: number): boolean {
  const [group] = listEnclosing(source, offset)
  if (group?.kind !== '{' || source.language.name === 'ruby') return false
  return languagesWithArms.has(source.language.name) || /match\s*\(/.test(group.callee)
}

/** `[ "$MODEL" = "..." ]` */
function isShellTest(source: Source, at: number, before: Neighbour): boolean {
  if (!/^(?:=|==|!=)$/.test(before.text)) return false
  const [group] = listEnclosing(source, source.tokens[at]?.start ?? 0)
  return group?.kind === '['
}

/** `claude-*)` of a `case`: a bracket that closes nothing. */
function isShellCase(source: Source, after: Neighbour): boolean {
  return after.text === ')' && (source.partners[after.index] ?? -1) < 0
}

/** Words of SQL that start a condition, and those that start a value. */
const sqlClause = /\b(?:where|having|on|and|or|when|set|values|default|select|insert|update)\b/gi
const sqlCondition = /^(?:where|having|on|and|or|when)$/i

/** True behind `WHERE`, `AND`, `ON` and the like; `SET` and `VALUES` write. */
function isCondition(before: string): boolean {
  return sqlCondition.test(before.match(sqlClause)?.at(-1) ?? '')
}

/** Steps over the other texts of `case "a", "b":` and `"a" | "b" =>`, which stand between a text and its word. */
function skipAlternatives(source: Source, at: number, step: number): number {
  const { tokens } = source
  const isSeparator = (index: number) => /^[,|]$/.test(getTokenText(source, tokens[index]))
  let last = at
  while (isSeparator(last + step) && tokens[last + 2 * step]?.kind === 'string') last += 2 * step
  return last
}

/** Words such as `in` and `case` belong to the text on their own line only. */
function isOnLine(source: Source, one: Token | undefined, other: Token | undefined): boolean {
  if (one === undefined || other === undefined) return false
  return (
    one.kind === 'mark' || other.kind === 'mark' || !source.text.slice(one.end, other.start).includes('\n')
  )
}

const maxLoopWords = 8

/** True behind `for ... in`, which takes every text of a list. */
function isLoop(source: Source, at: number): boolean {
  for (let index = at; index > at - maxLoopWords && index >= 0; index -= 1) {
    const text = getTokenText(source, source.tokens[index])
    if (text === 'for' || text === 'foreach') return true
    if (source.tokens[index]?.kind === 'newline') return false
  }
  return false
}

function findNeighbour(source: Source, from: number, step: number): Neighbour {
  const { tokens } = source
  let index = from + step
  while (tokens[index]?.kind === 'newline' || tokens[index]?.kind === 'comment') index += step
  return { index, token: tokens[index], text: getTokenText(source, tokens[index]) }
}

/** The variable that a list is assigned to, before the list: `NO_PREFILL: set[str] = `, `THINKERS = new Set(`. */
const setHolder = /(?<holder>[A-Za-z_]\w*)\s*(?::[^=\n]*)?=\s*(?:new\s+|\w+\()?[\w<>.[\]]*\(?$/

/** Variables that are called after models hold those that a program offers. */
const offeredModels = /model|allow|support|know|available|enabled|valid|list|option|choice|default/i

/** True in a set that is only asked whether it has a model, such as `NO_PREFILL.has(model)`: it states what models can do. */
export function isCapabilitySet(source: Source, offset: number): boolean {
  const list = listEnclosing(source, offset).find(isList)
  if (list === undefined) return false
  const before = source.text.slice(Math.max(0, list.start - 120), list.start)
  const holder = setHolder.exec(before)?.groups?.['holder']
  if (holder === undefined || offeredModels.test(holder)) return false
  const use = new RegExp(`\\b${holder}\\b(?!\\s*(?::[^=\\n]*)?=[^=])`, 'g')
  const question = new RegExp(
    `\\b${holder}\\b\\.(?:has|includes|contains|Contains|include\\?|member\\?)\\(|\\bin\\s+${holder}\\b`,
    'g',
  )
  const questions = source.text.match(question)?.length ?? 0
  return questions > 0 && questions === source.text.match(use)?.length
}
