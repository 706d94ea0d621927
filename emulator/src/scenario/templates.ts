import { isRecord } from '@anthology/wire'

import { findValues, toText } from './json-path.ts'
import type { RequestFacts } from './request-facts.ts'

/** The values that a template may name. */
export interface TemplateContext {
  readonly facts: RequestFacts
  /** The groups of the rule's regular expression, the whole match first. */
  readonly groups: readonly string[]
  /** How often the rule has applied, this request included. */
  readonly call: number
  /** The characters that values of the request may still add; below 0 they are left out. */
  readonly budget: { left: number }
}

/** The characters that values of a request may add to a reply. */
export const maxInsertedChars = 10_000_000

/** The names that stand alone in a template. */
export const templateNames = ['last_user', 'system', 'model', 'tool_result', 'turn', 'call'] as const

type TemplateName = (typeof templateNames)[number]

/** A name inside the braces; `json:` is followed by a JSONPath, `match.` by the number of a group. */
const template = new RegExp(String.raw`\{\{\s*(json:[^}]+|match\.\d+|${templateNames.join('|')})\s*\}\}`, 'g')

/** A text that is one JSONPath and nothing else. */
const onlyPath = /^\{\{\s*json:([^}]+)\}\}$/

/** Replaces the templates in a text; a value that the request lacks is ''. Values are not searched for templates. */
export function renderText(text: string, context: TemplateContext): string {
  return text.replace(template, (_whole, name: string) => spend(lookUp(name.trim(), context), context))
}

/**
 * Replaces the templates in all strings of a JSON value. A string that is only `{{json:$.path}}` becomes the value that the
 * path finds, whatever its type.
 */
export function renderValue(value: unknown, context: TemplateContext): unknown {
  if (typeof value === 'string') {
    const path = onlyPath.exec(value)?.[1]
    return path === undefined ? renderText(value, context) : spendValue(readPath(path, context), context)
  }
  if (Array.isArray(value)) return value.map((item) => renderValue(item, context))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renderValue(member, context)]),
  )
}

function spend(text: string, { budget }: TemplateContext): string {
  budget.left -= text.length
  return budget.left < 0 ? '' : text
}

function spendValue(value: unknown, context: TemplateContext): unknown {
  spend(value === undefined ? '' : JSON.stringify(value), context)
  return value === undefined || context.budget.left < 0 ? '' : value
}

function lookUp(name: string, context: TemplateContext): string {
  if (name.startsWith('json:')) {
    const value = readPath(name.slice('json:'.length), context)
    return value === undefined ? '' : toText(value)
  }
  if (name.startsWith('match.')) return context.groups[Number(name.slice('match.'.length))] ?? ''
  // The expression has these names and no others.
  return lookUpName(name as TemplateName, context)
}

function lookUpName(name: TemplateName, { facts: { conversation }, call }: TemplateContext): string {
  if (name === 'call') return String(call)
  if (conversation === null) return ''
  switch (name) {
    case 'last_user':
      return conversation.question
    case 'system':
      return conversation.system
    case 'model':
      return conversation.model.id
    case 'tool_result':
      return conversation.toolResults.map(({ text }) => text).join('\n')
    case 'turn':
      return String(conversation.turns)
  }
}

function readPath(path: string, { facts }: TemplateContext): unknown {
  return findValues(path.trim(), facts.json())[0]
}

/** Lists what stands in the templates of a text, such as `json:$.model`. */
export function listTemplates(text: string): readonly string[] {
  return [...text.matchAll(template)].map(([, name = '']) => name.trim())
}
