import { isRecord } from '@anthology/wire'
import { query } from 'json-p3'
import type { JSONValue } from 'json-p3'

import type { RequestFacts } from './request-facts.ts'

/** The values that a template may name. */
export interface TemplateContext {
  readonly facts: RequestFacts
  /** The groups of the rule's regular expression, the whole match first. */
  readonly groups: readonly string[]
  /** How often the rule has applied. */
  readonly call: number
}

/** A name inside the braces; `json:` is followed by a JSONPath, `match.` by the number of a group. */
const template = /\{\{\s*(json:[^}]+|match\.\d+|last_user|system|model|tool_result|turn|call)\s*\}\}/g

/** Replaces the templates in a text; a value that the request lacks is ''. */
export function renderText(text: string, context: TemplateContext): string {
  return text.replace(template, (_whole, name: string) => lookUp(name.trim(), context))
}

/** Replaces the templates in all strings of a JSON value. */
export function renderValue(value: unknown, context: TemplateContext): unknown {
  if (typeof value === 'string') return renderText(value, context)
  if (Array.isArray(value)) return value.map((item) => renderValue(item, context))
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, renderValue(member, context)]),
  )
}

function lookUp(name: string, { facts, groups, call }: TemplateContext): string {
  const { conversation } = facts
  if (name.startsWith('json:')) return readPath(name.slice('json:'.length).trim(), facts)
  if (name.startsWith('match.')) return groups[Number(name.slice('match.'.length))] ?? ''
  switch (name) {
    case 'last_user':
      return conversation?.question ?? ''
    case 'system':
      return conversation?.system ?? ''
    case 'model':
      return conversation?.model.id ?? ''
    case 'tool_result':
      return conversation?.toolResults.map(({ text }) => text).join('\n') ?? ''
    case 'turn':
      return String(conversation?.turns ?? 0)
    default:
      return String(call)
  }
}

function readPath(path: string, { json }: RequestFacts): string {
  const body = json()
  if (body === undefined) return ''
  // The body is a value of JSON.
  const [value] = query(path, body as JSONValue).values()
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Lists the JSONPaths of the templates in a text. */
export function listTemplatePaths(text: string): readonly string[] {
  return [...text.matchAll(template)].flatMap(([, name = '']) =>
    name.startsWith('json:') ? name.slice('json:'.length).trim() : [],
  )
}
