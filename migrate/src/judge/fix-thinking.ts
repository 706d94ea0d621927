import type { Finding as ApiFinding } from '@anthology/catalog'

import { foldMember } from '../syntax/group.ts'
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

/** The typed forms of the SDKs of Go, C#, Java and Kotlin. */
function editTyped(state: RequestState, member: RequestMember): string | null {
  const { source, group } = state.request
  const { value, entry } = member
  const text = source.text.slice(value.start, value.end)
  const replace = (start: number, end: number, after: string) => {
    state.edits.push({ start, end, text: after })
    return after
  }
  if (source.language.name === 'go') {
    const prefix = /(?<prefix>\w+\.)?ThinkingConfigParam/.exec(text)?.groups?.['prefix'] ?? ''
    if (!/^(?:\w+\.)?ThinkingConfigParam(?:OfEnabled\(|Union\s*\{\s*OfEnabled)/.test(text)) return null
    return replace(
      value.start,
      value.end,
      `${prefix}ThinkingConfigParamUnion{OfAdaptive: &${prefix}ThinkingConfigAdaptiveParam{}}`,
    )
  }
  if (source.language.name === 'csharp' && /^new\s+(?:\w+\.)*ThinkingConfigEnabled\b/.test(text))
    return replace(
      value.start,
      value.end,
      text.replace(/ThinkingConfigEnabled[\s\S]*$/, 'ThinkingConfigAdaptive()'),
    )
  if (group.kind !== 'chain') return null
  if (foldMember(entry.name ?? '') === 'enabled_thinking') {
    const library = /import com\.anthropic\.(?<package>[\w.]+)\.MessageCreateParams/.exec(source.text)
      ?.groups?.['package']
    if (library === undefined) return null
    return replace(
      entry.start,
      entry.end,
      `.thinking(com.anthropic.${library}.ThinkingConfigAdaptive.builder().build())`,
    )
  }
  if (!/^ThinkingConfigEnabled\.builder\(\)[\s\S]*\.build\(\)$/.test(text)) return null
  const names = [...source.text.matchAll(/\bThinkingConfigEnabled\b/g)].map(({ index }) => index)
  const isImported = names.some((at) =>
    /import [\w.]+\.$/.test(source.text.slice(0, at).split('\n').at(-1) ?? ''),
  )
  if (names.length > (isImported ? 2 : 1)) return null
  for (const at of names)
    if (at < value.start)
      state.edits.push({
        start: at,
        end: at + 'ThinkingConfigEnabled'.length,
        text: 'ThinkingConfigAdaptive',
      })
  return replace(value.start, value.end, 'ThinkingConfigAdaptive.builder().build()')
}
