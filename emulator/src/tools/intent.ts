import { readRecord } from '@anthology/wire'

import type { ClientTool } from './client-tools.ts'
import { kindsFor } from './hint-picker.ts'
import type { Hint } from './hints.ts'
import { flatten, toList, listTypes } from './schema.ts'
import type { Schema } from './json-schema.ts'
import { asksForTyped } from './typed-input.ts'

/** A tool that a question asks for, and where it says so. */
export interface ToolIntent {
  readonly tool: ClientTool
  readonly at: number
}

/** The tools that a question plainly asks for, in its order: by name, or else by what they are for. */
export function findToolIntents(
  question: string,
  tools: readonly ClientTool[],
  hints: readonly Hint[],
): readonly ToolIntent[] {
  const text = question.slice(0, maxLookChars)
  const named = tools.flatMap((tool): ToolIntent[] => {
    const at = findName(text, tool.name)
    return at < 0 ? [] : [{ tool, at }]
  })
  const open = tools.filter(({ name }) => !isForbidden(text, name))
  const intended = named.length > 0 ? named : findByExcerpt(text, open, hints)
  return intended.toSorted((one, other) => one.at - other.at)
}

const maxLookChars = 10_000

/**
 * Where a text tells to use a tool by its name, -1 for nowhere. A name that is a plain word, such as `Write`,
 * counts only where it is spoken of as a tool.
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
  const literal = name.replaceAll(/[^\w]/g, String.raw`\$&`)
  const isWord = /^[A-Za-z]?[a-z]*$/.test(name)
  const forms = isWord
    ? [
        String.raw`[\`"'“]${literal}[\`"'”](?! (?:file|folder))`,
        String.raw`\b(?:[Uu]se|[Uu]sing|[Cc]all|[Ii]nvoke|[Rr]un|with) (?:the |your )?${literal}\b(?! of)`,
        String.raw`\b${literal} (?:tool|function)\b`,
        String.raw`\b(?:tool|function)s?:? ${literal}\b`,
      ]
    : [String.raw`(?<![\w-])${literal}(?![\w-])`]
  return forms.flatMap((form) => [...text.matchAll(new RegExp(form, 'g'))].map(({ index }) => index))
}

const forbidden = /\b(?:do not|don['’]t|never|without|avoid|instead of|no need to|rather than)\b[^.!?]*$/i

/** Whose name's words the question has, and for whose required properties it has values. */
function findByExcerpt(
  text: string,
  tools: readonly ClientTool[],
  hints: readonly Hint[],
): readonly ToolIntent[] {
  const words = listWords(text)
  const scored = tools.flatMap((tool) => {
    if (tool.schema === null) return asksForTyped(tool.type, text) ? [{ tool, at: 0, score: strong }] : []
    const { score, at } = calculates(tool.schema, hints) ?? computeScore(tool, words)
    return score > 0 && isFillable(tool.schema, text, hints) ? [{ tool, at, score }] : []
  })
  const strongOnes = scored.filter(({ score }) => score >= strong)
  if (strongOnes.length > 0) return strongOnes.slice(0, maxByExcerpt)
  return scored.toSorted((one, other) => other.score - one.score).slice(0, 1)
}

const strong = 100
const maxByExcerpt = 4

interface Word {
  readonly stem: string
  readonly at: number
}

/** What calculates is for whatever can be calculated. */
function calculates(schema: Schema, hints: readonly Hint[]): { score: number; at: number } | null {
  const [name, ...others] = toList(flatten(schema, schema, () => 0)['required'])
  const formula = hints.find(({ kind }) => kind === 'expression')
  if (others.length > 0 || !formula || kindsFor(String(name))[0] !== 'expression') return null
  return { score: strong, at: formula.at }
}

/** All words of the name make it sure; without them, two words of the name and the first sentence of the description do. */
function computeScore(
  { name, description }: ClientTool,
  words: readonly Word[],
): { score: number; at: number } {
  const find = (stem: string): Word | undefined => words.find((word) => word.stem === stem)
  const nameStems = significant(splitName(name))
  const inName = nameStems.map(find).filter((word) => word !== undefined)
  const at = Math.min(...inName.map((word) => word.at), Infinity)
  if (nameStems.length > 0 && inName.length === nameStems.length) return { score: strong, at }
  const [sentence = ''] = description.slice(0, maxDescriptionLength).split(/(?<=[.!?])\s/)
  const stems = new Set(significant(sentence).filter((stem) => !nameStems.includes(stem)))
  const inDescription = [...stems].map(find).filter((word) => word !== undefined)
  const score = inName.length + inDescription.length
  const first = Math.min(at, ...inDescription.map((word) => word.at))
  return score >= 2 ? { score, at: first } : { score: 0, at: 0 }
}

const maxDescriptionLength = 300

function splitName(name: string): string {
  return name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ')
}

function significant(text: string): string[] {
  const all = listWords(text).map(({ stem }) => stem)
  const telling = all.filter((stem) => !idle.has(stem))
  return telling.length > 0 ? telling : all.filter((stem) => stem.length > 3)
}

/** Five letters tell words apart well enough, and forms of one word together. */
function listWords(text: string): Word[] {
  return [...text.matchAll(/\p{L}{2,}/gu)].map((match) => ({
    stem: match[0]
      .toLowerCase()
      .replace(/(?<=..)s$/, '')
      .slice(0, 5),
    at: match.index,
  }))
}

const idle: ReadonlySet<string> = new Set(
  (
    'get set fetch do make run list tool the an of for in on to and or with from by is are it my your ' +
    'api find lookup query create call function fn execute read write show give tell return use user this that ' +
    'what how which who when given current data info information value values new item items any can you me ' +
    'provide provided request result results answer response text string about into'
  )
    .split(' ')
    .map((word) => word.replace(/(?<=..)s$/, '').slice(0, 5)),
)

/** Whether the question has something for each required property that cannot be made up. */
function isFillable(schema: Schema, text: string, hints: readonly Hint[]): boolean {
  const flat = flatten(schema, schema, () => 0)
  const properties = readRecord(flat, 'properties') ?? {}
  return toList(flat['required']).every((name) => {
    const property = flatten(properties[String(name)], schema, () => 0)
    if (toList(property['enum']).length > 0 || 'const' in property || 'default' in property) return true
    const [type] = listTypes(property['type'])
    if (type === 'number' || type === 'integer') return hints.some(({ kind }) => kind === 'number')
    if (type !== 'string') return true
    return isFreeText(String(name)) ? text.trim().length > 0 : hasFor(String(name), hints)
  })
}

function hasFor(name: string, hints: readonly Hint[]): boolean {
  const kinds = kindsFor(name)
  return hints.some(({ kind }) => kinds.includes(kind))
}

/** What may be put in any words, such as those of the question itself. */
function isFreeText(name: string): boolean {
  return /query|question|prompt|request|topic|thought|reason|message|summary/i.test(name)
}
