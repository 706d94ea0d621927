import { check } from '@anthology/catalog'
import type { Finding as ApiFinding, Model, Platform } from '@anthology/catalog'

import { foldMember } from '../syntax/group.ts'
import type { Entry, Group } from '../syntax/group.ts'
import { listNested } from '../syntax/group.ts'
import type { RequestState } from './request-state.ts'
import { getMember } from './request-state.ts'

/** Newer versions of the tools that a client runs, the oldest first. */
const versions: Readonly<Record<string, readonly string[]>> = {
  text_editor_: ['text_editor_20250124', 'text_editor_20250728'],
  bash_: ['bash_20250124'],
  computer_: ['computer_20250124', 'computer_20251124'],
}

/** The names that a version of the text editor requires. */
const editorNames: Readonly<Record<string, string>> = {
  text_editor_20250124: 'str_replace_editor',
  text_editor_20250429: 'str_replace_based_edit_tool',
  text_editor_20250728: 'str_replace_based_edit_tool',
}

/** Replaces the versions of tools that the target refuses; true if none is left. */
export function replaceTools(state: RequestState, finding: ApiFinding): boolean {
  const member = getMember(state, 'tools')
  const tools = state.body['tools']
  const { source } = state.request
  const list = member?.value.group ?? null
  if (list === null || !Array.isArray(tools)) return false
  const plans = listTools(list).map((tool) => ({
    ...tool,
    next: findVersion(tool.type, state),
  }))
  if (plans.length === 0 || plans.some(({ next }) => next === null)) return false
  for (const { type, entry, group, next } of plans) {
    if (next === null || next === type) continue
    const at = source.text.indexOf(type, entry.value.start)
    state.edits.push({ start: at, end: at + type.length, text: next })
    const before = source.text.slice(entry.start, entry.end)
    state.findings.push({
      start: entry.start,
      end: entry.end,
      code: finding.code,
      severity: 'breaks',
      message: finding.message,
      hint: finding.hint,
      after: before.replace(type, next),
    })
    renameTool(state, group, next)
    for (const tool of tools) if (isTool(tool) && tool['type'] === type) tool['type'] = next
  }
  return true
}

interface WrittenTool {
  readonly type: string
  readonly entry: Entry
  readonly group: Group
}

function listTools(group: Group): readonly WrittenTool[] {
  return listNested(group).flatMap((tool): WrittenTool[] => {
    const entry = tool.entries.find(({ name }) => foldMember(name ?? '') === 'type')
    if (entry?.value.kind !== 'string' || entry.value.text === 'custom') return []
    return [{ type: entry.value.text, entry, group: tool }]
  })
}

/** The version that the target takes: the same one, or the first newer one; null: none. */
function findVersion(type: string, { target, platform, day }: RequestState): string | null {
  if (accepts(type, target, platform, day)) return type
  const family = Object.keys(versions).find((prefix) => type.startsWith(prefix))
  const newer = (family === undefined ? undefined : versions[family]) ?? []
  return newer.find((each) => each > type && accepts(each, target, platform, day)) ?? null
}

function accepts(type: string, target: Model, ...[platform, day]: readonly [Platform, string]): boolean {
  return !check({ tool_types: [type] }, target, { platform, asOf: day }).some(
    ({ severity }) => severity === 'error',
  )
}

/** The offsets at which a text stands between quotes. */
function listQuoted(text: string, wanted: string): readonly number[] {
  const offsets: number[] = []
  for (let at = text.indexOf(wanted); at !== -1; at = text.indexOf(wanted, at + 1))
    if (/["'`]/.test(text[at - 1] ?? '') && /["'`]/.test(text[at + wanted.length] ?? '')) offsets.push(at)
  return offsets
}

/** The name goes with the version; the code that handles the tool compares with it. */
function renameTool(state: RequestState, group: Group, next: string): void {
  const wanted = editorNames[next]
  const { text } = state.request.source
  const entry = group.entries.find(({ name }) => foldMember(name ?? '') === 'name')
  if (wanted === undefined || entry?.value.kind !== 'string' || entry.value.text === wanted) return
  const old = entry.value.text
  for (const index of listQuoted(text, old)) {
    state.edits.push({ start: index, end: index + old.length, text: wanted })
    state.findings.push({
      start: index,
      end: index + old.length,
      code: 'tool_name',
      severity: 'breaks',
      message: `The tool ${next} has the name ${wanted}.`,
      hint: null,
      after: wanted,
    })
  }
  const undo = text.indexOf('undo_edit')
  if (undo === -1) return
  state.findings.push({
    start: undo,
    end: undo + 'undo_edit'.length,
    code: 'tool_command_gone',
    severity: 'changes',
    message: `The tool ${next} has no command undo_edit.`,
    hint: 'Remove the code for it.',
    after: null,
  })
}

/** A tool that is computed at run time is undefined here. */
export function isTool(tool: unknown): tool is Record<string, unknown> {
  return typeof tool === 'object' && tool !== null
}
