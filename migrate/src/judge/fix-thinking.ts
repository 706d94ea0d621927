import type { Finding as ApiFinding } from '@anthology/catalog'

import { foldMember } from '../syntax/group.ts'
import type { Value } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'
import type { RequestMember } from '../find/request.ts'
import type { RequestState } from './request-state.ts'
import { getMember, markRemoved, removeMember } from './request-state.ts'

/** Changes `thinking` of type `enabled` to `adaptive`; true if that is done. */
export function makeAdaptive(state: RequestState, finding: ApiFinding): boolean {
  const member = getMember(state, 'thinking')
  if (
    member === null ||
    member.isShared === true ||
    state.target.thinking?.types.includes('adaptive') !== true
  )
    return false
  const after = editObject(state, member, 'adaptive') ?? editTyped(state, member)
  if (after === null) return false
  report(state, member, finding, after)
  state.body['thinking'] = { type: 'adaptive' }
  return true
}

/** Replaces `disabled` by what the target has in its place. */
export function replaceDisabled(state: RequestState, finding: ApiFinding): boolean {
  const member = getMember(state, 'thinking')
  if (member === null || member.isShared === true) return false
  if (state.target.thinking?.types.includes('between_tools') === true) {
    const after = editObject(state, member, 'between_tools')
    if (after === null) return false
    report(state, member, finding, after)
    state.body['thinking'] = { type: 'between_tools' }
    return true
  }
  if (member.stays === true) return false
  report(state, member, finding, '')
  removeMember(state, 'thinking')
  return true
}

function report(
  state: RequestState,
  { entry }: RequestMember,
  { code, message, hint }: ApiFinding,
  after: string,
): void {
  const thinks =
    after === '' ? ' Without the member the model thinks, which costs tokens; effort low limits it.' : ''
  state.findings.push({
    start: entry.start,
    end: entry.end,
    code,
    severity: 'breaks',
    message: message + thinks,
    hint,
    after,
  })
}

/** Changes the type in an object literal and removes the budget; returns the new text of the member. */
function editObject(state: RequestState, member: RequestMember, type: string): string | null {
  const { group } = member.value
  const { source } = state.request
  const typed = group?.entries.find(({ name }) => foldMember(name ?? '') === 'type')
  if (group === null || typed?.value.kind !== 'string') return null
  const at = source.text.indexOf(typed.value.text, typed.value.start)
  state.edits.push({ start: at, end: at + typed.value.text.length, text: type })
  for (const entry of group.entries)
    if (foldMember(entry.name ?? '') === 'budget_tokens') markRemoved(state, group, entry)
  const { start, end } = member.entry
  const before = source.text.slice(start, Math.max(end, member.value.end))
  return member.inPlace
    ? describe(before, typed.value.text, type)
    : `${member.entry.name ?? 'thinking'}: ${type}`
}

function describe(text: string, old: string, type: string): string {
  return text
    .replace(new RegExp(`(["':]?)${old}(["']?)`), `$1${type}$2`)
    .replace(/,?\s*["':]?budget_?[tT]okens["']?\s*(?:=>|[:=])\s*[\w.+* -]+/, '')
}

/** Changes the typed forms of the SDKs of Go, C#, Java and Kotlin; returns the new text of the member. */
function editTyped(state: RequestState, member: RequestMember): string | null {
  const { source, group } = state.request
  if (source.language.name === 'go') return editGo(state, member)
  if (source.language.name === 'csharp' && csharpForm.test(getText(source, member)))
    return editCsharp(state, member)
  if (group.kind !== 'chain') return null
  return foldMember(member.entry.name ?? '') === 'enabled_thinking'
    ? editEnabledThinking(state, member)
    : editBuilder(state, member)
}

function getText({ text }: Source, { value }: RequestMember): string {
  return text.slice(value.start, value.end)
}

/** Replaces a range; returns its new text. */
function replace(state: RequestState, { start, end }: Pick<Value, 'start' | 'end'>, text: string): string {
  state.edits.push({ start, end, text })
  return text
}

/** `anthropic.ThinkingConfigParamOfEnabled(2048)` or a union with the member `OfEnabled`. */
const goForm = /^(?<prefix>\w+\.)?ThinkingConfigParam(?:OfEnabled\(|Union\s*\{\s*OfEnabled)/

function editGo(state: RequestState, member: RequestMember): string | null {
  const found = goForm.exec(getText(state.request.source, member))
  if (found === null) return null
  const prefix = found.groups?.['prefix'] ?? ''
  const adaptive = `${prefix}ThinkingConfigParamUnion{OfAdaptive: &${prefix}ThinkingConfigAdaptiveParam{}}`
  return replace(state, member.value, adaptive)
}

/** `new ThinkingConfigEnabled(2048)` */
const csharpForm = /^new\s+(?:\w+\.)*ThinkingConfigEnabled\b/

function editCsharp(state: RequestState, member: RequestMember): string {
  const text = getText(state.request.source, member)
  return replace(
    state,
    member.value,
    text.replace(/ThinkingConfigEnabled[\s\S]*$/, 'ThinkingConfigAdaptive()'),
  )
}

/** `.enabledThinking(2048)`, which has no counterpart for adaptive thinking. */
function editEnabledThinking(state: RequestState, { entry }: RequestMember): string | null {
  const { text } = state.request.source
  const library = /import com\.anthropic\.(?<package>[\w.]+)\.MessageCreateParams/.exec(text)?.groups?.[
    'package'
  ]
  if (library === undefined) return null
  const adaptive = `.thinking(com.anthropic.${library}.ThinkingConfigAdaptive.builder().build())`
  return replace(state, entry, adaptive)
}

/** `ThinkingConfigEnabled.builder().budgetTokens(2048).build()`, with the import of the class. */
function editBuilder(state: RequestState, member: RequestMember): string | null {
  const { source } = state.request
  if (!/^ThinkingConfigEnabled\.builder\(\)[\s\S]*\.build\(\)$/.test(getText(source, member))) return null
  const uses = [...source.text.matchAll(/\bThinkingConfigEnabled\b/g)].map(({ index }) => index)
  const isImported = uses.some((at) => /import [\w.]+\.$/.test(getLineBefore(source, at)))
  // Other uses of the class need the import that would be changed.
  if (uses.length > (isImported ? 2 : 1)) return null
  for (const start of uses)
    if (start < member.value.start)
      replace(state, { start, end: start + 'ThinkingConfigEnabled'.length }, 'ThinkingConfigAdaptive')
  return replace(state, member.value, 'ThinkingConfigAdaptive.builder().build()')
}

function getLineBefore({ text }: Source, at: number): string {
  return text.slice(text.lastIndexOf('\n', at - 1) + 1, at)
}
