import { readRecord } from '@anthology/wire'

import type { ClientTool } from './client-tools.ts'
import { getHintKinds } from './hint-picker.ts'
import type { Hint } from './hints.ts'
import { flatten, toList, listTypes } from './schema.ts'
import type { Schema } from './json-schema.ts'
import { requestsTypedTool } from './typed-input.ts'

/** A tool that a question requests, and the offset of the request. */
export interface ToolIntent {
  readonly tool: ClientTool
  readonly at: number
}

/** Finds the tools that a question clearly requests, in order: by name, or else by purpose. */
export function findToolIntents(
  question: string,
  tools: readonly ClientTool[],
  hints: readonly Hint[],
): readonly ToolIntent[] {
  const text = question.slice(0, maxScannedChars)
  const named = tools.flatMap((tool): ToolIntent[] => {
    const at = findName(text, tool.name)
    return at < 0 ? [] : [{ tool, at }]
  })
  const open = tools.filter(({ name }) => !isForbidden(text, name))
  const intended = named.length > 0 ? named : findByExcerpt(text, open, hints)
  return intended.toSorted((one, other) => one.at - other.at)
}

const maxScannedChars = 10_000

/**
 * Returns the offset at which a text names a tool to use, or -1. A name that is an ordinary word, such as `Write`, counts
 * only if the text refers to it as a tool.
 */
export function findName(text: string, name: string): number {
  return findMentions(text, name).find((at) => !isForbiddenAt(text, at)) ?? -1
}

function isForbidden(text: string, name: string): boolean {
  return findMentions(text, name).some((at) => isForbiddenAt(text, at))
}

function isForbiddenAt(text: string, at: number): boolean {
  return forbidden.test(text.slice(Math.max(0, at - 40), at))
}

function findMentions(text: string, name: string): readonly number[] {
  const own = withoutServer(name)
  const forms = own === name ? listForms(name) : [writeExactForm(name), ...listForms(own)]
  return forms.flatMap((form) => [...text.matchAll(new RegExp(form, 'g'))].map(({ index }) => index))
}

function listForms(name: string): readonly string[] {
  if (!/^[A-Za-z]?[a-z]*$/.test(name)) return [writeExactForm(name)]
  return [
    String.raw`[\`"'“]${name}[\`"'”](?! (?:file|folder))`,
    String.raw`\b(?:[Uu]se|[Uu]sing|[Cc]all|[Ii]nvoke|[Rr]un|with) (?:the |your )?${name}\b(?! of)`,
    String.raw`\b${name} (?:tool|function)\b`,
    String.raw`\b(?:tool|function)s?:? ${name}\b`,
  ]
}

function writeExactForm(name: string): string {
  const literal = name.replaceAll(/[^\w]/g, String.raw`\$&`)
  return String.raw`(?<![\w-])${literal}(?![\w-])`
}

const forbidden = /\b(?:do not|don['’]t|never|without|avoid|instead of|no need to|rather than)\b[^.!?]*$/i

/** Finds the tools whose name or description shares words with the question and whose required properties it can fill. */
function findByExcerpt(
  text: string,
  tools: readonly ClientTool[],
  hints: readonly Hint[],
): readonly ToolIntent[] {
  const words = listWords(text)
  const scored = tools.flatMap((tool) => {
    if (tool.schema === null)
      return requestsTypedTool(tool.type, text) ? [{ tool, at: 0, score: strong }] : []
    const { score, at } = scoreCalculator(tool.schema, hints) ?? computeScore(tool, words)
    return score > 0 && isFillable(tool.schema, text, hints) ? [{ tool, at, score }] : []
  })
  const strongMatches = scored.filter(({ score }) => score >= strong)
  if (strongMatches.length > 0) return strongMatches.slice(0, maxByExcerpt)
  return scored.toSorted((one, other) => other.score - one.score).slice(0, 1)
}

const strong = 100
const maxByExcerpt = 4

interface Word {
  readonly stem: string
  readonly at: number
}

/** A tool whose only required property is an expression matches any question that contains one. */
function scoreCalculator(schema: Schema, hints: readonly Hint[]): { score: number; at: number } | null {
  const [name, ...others] = toList(flatten(schema, schema, () => 0)['required'])
  const formula = hints.find(({ kind }) => kind === 'expression')
  if (others.length > 0 || !formula || getHintKinds(String(name))[0] !== 'expression') return null
  return { score: strong, at: formula.at }
}

/** A strong match has all words of the name; a weak one has two words of the name and the description's first sentence. */
function computeScore(
  { name, description }: ClientTool,
  words: readonly Word[],
): { score: number; at: number } {
  const find = (stem: string): Word | undefined => words.find((word) => word.stem === stem)
  const nameStems = listSignificantStems(splitName(name))
  const inName = nameStems.map(find).filter((word) => word !== undefined)
  const at = Math.min(...inName.map((word) => word.at), Infinity)
  if (nameStems.length > 0 && inName.length === nameStems.length) return { score: strong, at }
  const [sentence = ''] = description.slice(0, maxDescriptionLength).split(/(?<=[.!?])\s/)
  const stems = new Set(listSignificantStems(sentence).filter((stem) => !nameStems.includes(stem)))
  const inDescription = [...stems].map(find).filter((word) => word !== undefined)
  const score = inName.length + inDescription.length
  const first = Math.min(at, ...inDescription.map((word) => word.at))
  return score >= 2 ? { score, at: first } : { score: 0, at: 0 }
}

const maxDescriptionLength = 300

/** Clients of MCP servers put the server before the name of a tool, as in `mcp__maps__get_weather`. */
function withoutServer(name: string): string {
  return name.replace(/^mcp__.+?__(?=.)/, '')
}

function splitName(name: string): string {
  return withoutServer(name)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]+/g, ' ')
}

function listSignificantStems(text: string): string[] {
  const all = listWords(text).map(({ stem }) => stem)
  const significant = all.filter((stem) => !stopWords.has(stem))
  return significant.length > 0 ? significant : all.filter((stem) => stem.length > 3)
}

/** Five letters are enough to distinguish words and to match inflected forms. */
function listWords(text: string): Word[] {
  return [...text.matchAll(/\p{L}{2,}/gu)].map((match) => ({
    stem: match[0]
      .toLowerCase()
      .replace(/(?<=..)s$/, '')
      .slice(0, 5),
    at: match.index,
  }))
}

const stopWords: ReadonlySet<string> = new Set(
  (
    'get set fetch do make run list tool the an of for in on to and or with from by is are it my your ' +
    'api find lookup query create call function fn execute read write show give tell return use user this that ' +
    'what how which who when given current data info information value values new item items any can you me ' +
    'provide provided request result results answer response text string about into'
  )
    .split(' ')
    .map((word) => word.replace(/(?<=..)s$/, '').slice(0, 5)),
)

/** Whether the question has a value for each required property that cannot be invented. */
function isFillable(schema: Schema, text: string, hints: readonly Hint[]): boolean {
  const flat = flatten(schema, schema, () => 0)
  const properties = readRecord(flat, 'properties') ?? {}
  return toList(flat['required']).every((name) => {
    const property = flatten(properties[String(name)], schema, () => 0)
    if (toList(property['enum']).length > 0 || 'const' in property || 'default' in property) return true
    const [type] = listTypes(property['type'])
    if (type === 'number' || type === 'integer') return hints.some(({ kind }) => kind === 'number')
    if (type !== 'string') return true
    return isFreeText(String(name)) ? text.trim().length > 0 : hasHint(String(name), hints)
  })
}

function hasHint(name: string, hints: readonly Hint[]): boolean {
  const kinds = getHintKinds(name)
  return hints.some(({ kind }) => kinds.includes(kind))
}

/** Whether a property accepts free text, such as the question itself. */
function isFreeText(name: string): boolean {
  return /query|question|prompt|request|topic|thought|reason|message|summary/i.test(name)
}
