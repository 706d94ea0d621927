import { foldMember } from '../syntax/group.ts'
import type { Group, Value } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'
import type { Request } from './request.ts'

/** The place of a value that is computed at run time. */
export const unknown = Symbol('unknown')

export type Known =
  | string
  | number
  | boolean
  | null
  | typeof unknown
  | readonly Known[]
  | { readonly [name: string]: Known }

/** The body of a request as far as the text states it; members with unknown values are listed apart. */
export interface RequestBody {
  readonly body: Readonly<Record<string, Known>>
  readonly unknownMembers: readonly string[]
}

export function readBody(request: Request): RequestBody {
  const body: Record<string, Known> = {}
  const unknownMembers: string[] = []
  for (const [name, { value, entry }] of request.members) {
    const isBudget = /^enabled_?thinking$/i.test(entry.name ?? '')
    const written = isBudget ? ({ type: 'enabled' } as const) : toKnown(request.source, value)
    const known = normalize(name, written)
    if (known === unknown) unknownMembers.push(name)
    else body[name] = known
  }
  const chained = listChainedMessages(request)
  const appended = findAppended(request)
  if (appended !== null) body['messages'] = [appended]
  if (chained.length > 0) body['messages'] = chained
  return { body, unknownMembers }
}

/** Libraries write the choice of a tool as a text, Converse as the name of a member, and fallbacks as names. */
function normalize(name: string, value: Known): Known {
  if (name === 'fallbacks' && toList(value).some((each) => typeof each === 'string')) return unknown
  if (name === 'tool_choice') {
    const [member, ...more] = Object.keys(typeof value === 'object' && value !== null ? value : {})
    if (more.length === 0 && /^(?:any|auto|tool)$/.test(member ?? '')) return { type: member ?? '' }
  }
  if (name === 'tool_choice' && typeof value === 'string')
    return /^(?:any|required)$/.test(value)
      ? { type: 'any' }
      : { type: /^(?:auto|none)$/.test(value) ? value : 'tool' }
  return value
}

export function toKnown(source: Source, value: Value): Known {
  switch (value.kind) {
    case 'string':
      return value.text
    case 'number':
      return value.number
    case 'constant':
      return value.constant
    case 'group':
      return value.group === null ? unknown : readMembers(source, value.group)
    case 'call':
      return readCall(source, value)
    case 'expression':
      return readTyped(source.text.slice(value.start, value.end))
  }
}

function readMembers(source: Source, group: Group): Known {
  const isBraced = group.kind === '{' || group.kind === 'mapping'
  const isObject = group.entries.some(({ name }) => name !== null) || (isBraced && group.entries.length === 0)
  if (!isObject) return group.entries.map(({ value }) => toKnown(source, value))
  const members: Record<string, Known> = {}
  for (const { name, value } of group.entries)
    if (name !== null) members[foldMember(name)] = toKnown(source, value)
  return members
}

function readCall(source: Source, value: Value): Known {
  const { group } = value
  if (group === null) return unknown
  const text = source.text.slice(value.start, value.end)
  const typed = readTyped(text)
  if (typed !== unknown) return typed
  const callee = source.text.slice(value.start, group.start)
  const [first] = group.entries
  if (wrapper.test(callee) && first !== undefined && group.entries.length === 1)
    return toKnown(source, first.value)
  const role = /(?:New|add|\.)(?<role>User|Assistant)Message\s*$/
    .exec(callee)
    ?.groups?.['role']?.toLowerCase()
  if (role !== undefined) return { role, content: [{ type: 'text' }] }
  // `history + [...]`: the last messages are known.
  if (group.kind === '[' && /\+\s*$/.test(callee)) return [unknown, ...toList(readMembers(source, group))]
  if (/^(?:&|new\s)?\s*[\w.:<>[\]*]*$/.test(callee) && group.kind === '{') return readMembers(source, group)
  if (/(?:^|\W)(?:dict|List\.of|listOf|asList|Array\.of|list|array|vec!)$/.test(callee))
    return readMembers(source, group)
  return unknown
}

function toList(value: Known): readonly Known[] {
  return Array.isArray(value) ? (value as readonly Known[]) : []
}

/** Functions that only convert their argument. */
const wrapper =
  /(?:^|\W)(?:Float|Int|F|Raw|String|Opt|Ptr|of|ofNullable|Some|NewOpt|dumps|stringify|json_encode|generate|encode)$/

/** Typed values of the SDKs that state a choice by their type. */
function readTyped(text: string): Known {
  const budget =
    /(?:budgetTokens|BudgetTokens\s*=|budget_tokens:?|ThinkingConfigParamOfEnabled|enabledThinking)\s*\(?\s*(?<n>[\d_]+)/.exec(
      text,
    )
  const tokens =
    budget?.groups?.['n'] === undefined
      ? {}
      : { budget_tokens: Number(budget.groups['n'].replaceAll('_', '')) }
  if (/ThinkingConfig(?:Param)?(?:Of)?Enabled|ThinkingConfigEnabled/.test(text))
    return { type: 'enabled', ...tokens }
  if (/ThinkingConfig\w*Disabled|OfDisabled/.test(text)) return { type: 'disabled' }
  if (/ThinkingConfig\w*Adaptive|OfAdaptive/.test(text)) return { type: 'adaptive' }
  if (/ToolChoice\w*Any\b|ToolChoice\w*Any[({]|ToolChoice\w*\{\s*OfAny\b/.test(text)) return { type: 'any' }
  if (/ToolChoiceTool\b|ToolChoiceParamOfTool|ToolChoice\w*\{\s*OfTool\b/.test(text)) return { type: 'tool' }
  if (/ToolChoice\w*(?:Auto|None)/.test(text)) return { type: 'auto' }
  return unknown
}

/** The last message that was appended to a list of messages, if its text is written in the program: a prefill. */
function findAppended({ source, members, group }: Request): Known | null {
  const value = members.get('messages')?.entry.value
  const name = value === undefined ? '' : source.text.slice(value.start, value.end).trim()
  if (!/^[A-Za-z_$][\w$.]*$/.test(name)) return null
  const before = source.text.slice(Math.max(0, group.start - maxAppendDistance), group.start)
  const word = name.replaceAll(/[$.]/g, '\\$&')
  const form = new RegExp(
    `(?<![\\w.])${word}\\.(?:append|push|add)\\(\\s*\\{[^{}]*?role["']?\\s*[:=]\\s*["'](?<role>\\w+)["'](?<rest>[^{}]*)`,
    'g',
  )
  const last = [...before.matchAll(form)].at(-1)?.groups
  const isWritten = /content["']?\s*[:=]\s*["'`]/.test(last?.['rest'] ?? '')
  return last?.['role'] === 'assistant' && isWritten ? { role: 'assistant', content: 'text' } : null
}

const maxAppendDistance = 1500

/** Builders of Java and Kotlin add one message per call. */
function listChainedMessages({ group, source }: Request): readonly Known[] {
  if (group.kind !== 'chain') return []
  return group.entries.flatMap(({ name, value }): Known[] => {
    const role = /^add(?<role>User|Assistant)Message$/.exec(name ?? '')?.groups?.['role']?.toLowerCase()
    if (role === undefined) return []
    return [{ role, content: value.kind === 'string' ? source.text.slice(value.start, value.end) : 'text' }]
  })
}

/** Removes unknown values, which the catalog's rules must not see; null for an unknown value. */
export function toPlain(value: Known): unknown {
  if (value === unknown) return undefined
  if (Array.isArray(value)) return value.map((each: Known) => toPlain(each))
  if (typeof value !== 'object' || value === null) return value
  const plain: Record<string, unknown> = {}
  for (const [name, each] of Object.entries(value)) {
    const known = toPlain(each)
    if (known !== undefined) plain[name] = known
  }
  return plain
}
