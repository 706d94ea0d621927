import type { Model } from '@anthology/catalog'

import type { TextEdit } from '../finding.ts'
import { scanBetas } from '../find/betas.ts'
import type { WrittenBeta } from '../find/betas.ts'
import type { ScannedFile } from '../find/scan-file.ts'
import { planRemoval } from '../rewrite/remove-entries.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import type { Entry, Group } from '../syntax/group.ts'
import { findToken } from '../syntax/source.ts'
import type { Source } from '../syntax/source.ts'
import { explainIdleBeta } from './fix-betas.ts'
import type { Reporter } from './reporter.ts'

export interface BetaOptions {
  /** The only target of the file's models; null: none, or several. */
  readonly target: Model | null
  readonly day: string
  readonly reporter: Reporter
}

/** Reports betas without an effect, and removes them where the file moves as a whole. */
export function judgeBetas({ segments, role }: ScannedFile, { target, day, reporter }: BetaOptions): void {
  for (const segment of segments) {
    const { source } = segment
    if (role === 'log' || segment.role !== 'code') continue
    const found = scanBetas(source.text).flatMap((beta) => {
      const because = explainIdleBeta(beta.value, target, day)
      return because === null || findToken(source, beta.start)?.kind === 'comment' ? [] : [{ beta, because }]
    })
    const plans =
      target === null
        ? new Map<WrittenBeta, readonly TextEdit[]>()
        : planEdits(
            source,
            found.map(({ beta }) => beta),
          )
    for (const { beta, because } of found) {
      const edits = plans.get(beta)
      reporter.add(segment, {
        start: beta.start,
        end: beta.end,
        model: null,
        platform: null,
        class: role === 'test' ? 'test' : 'call',
        code: 'beta_idle',
        severity: 'tune',
        message: because,
        hint: edits === undefined ? 'Remove the value.' : null,
        after: edits === undefined ? null : '',
        edits: edits ?? [],
      })
    }
  }
}

/** Removes values from lists and headers; a list or header that becomes empty goes as a whole. */
function planEdits(source: Source, betas: readonly WrittenBeta[]): Map<WrittenBeta, readonly TextEdit[]> {
  const plans = new Map<WrittenBeta, readonly TextEdit[]>()
  const removed = new Map<Group, Map<Entry, WrittenBeta>>()
  const joined: { readonly beta: WrittenBeta; readonly group: Group; readonly entry: Entry }[] = []
  const mark = (group: Group, entry: Entry, beta: WrittenBeta) => {
    const known = removed.get(group) ?? new Map<Entry, WrittenBeta>()
    removed.set(group, known.set(entry, beta))
  }
  for (const beta of betas) {
    const token = findToken(source, beta.start)
    const groups = listEnclosing(source, beta.start)
    const group = groups[0]
    const entry = group === undefined ? null : findEntry(group, beta.start)
    const header = findHeader(source, groups, beta)
    if (header !== null) {
      plans.set(beta, [header])
      continue
    }
    if (group === undefined || entry === null) continue
    if (source.language.layout === 'code' && token?.kind !== 'string') continue
    const content = entry.value.text
    if (content === beta.value && isList(group, entry)) mark(group, entry, beta)
    else if (content.includes(',')) joined.push({ beta, group, entry })
  }
  for (const entry of new Set(joined.map((each) => each.entry))) {
    const own = joined.filter((each) => each.entry === entry)
    const gone = new Set(own.map(({ beta }) => beta.value))
    const left = entry.value.text.split(',').filter((value) => !gone.has(value.trim()))
    const [first] = own
    if (first === undefined) continue
    if (left.length === 0 && isList(first.group, entry))
      own.forEach(({ beta }) => mark(first.group, entry, beta))
    else
      own.forEach(({ beta }, index) =>
        plans.set(beta, index > 0 ? [] : [replaceText(source.text, entry, left)]),
      )
  }
  for (const [group, entries] of removed) {
    const { place, entry } = climb(source, group, entries)
    const [first] = entries.values()
    const gone = entry === null ? new Set(entries.keys()) : new Set([entry])
    for (const beta of entries.values()) plans.set(beta, [])
    for (const { beta, entry: held } of joined) if (entries.has(held) && !plans.has(beta)) plans.set(beta, [])
    if (first !== undefined) plans.set(first, planRemoval(source, place, gone))
  }
  return plans
}

/** The removal of a header with one value: a call of a builder, or an option of curl. */
function findHeader(
  source: Source,
  groups: readonly Group[],
  { value, start }: WrittenBeta,
): TextEdit | null {
  const { text } = source
  const [group, chain] = groups
  const [name, only] = group?.entries ?? []
  const link = chain?.kind === 'chain' ? findEntry(chain, start) : null
  if (chain !== undefined && link !== null && group?.entries.length === 2)
    return /^anthropic-beta$/i.test(name?.value.text ?? '') && only?.value.text === value
      ? (planRemoval(source, chain, new Set([link]))[0] ?? null)
      : null
  const token = findToken(source, start)
  if (source.language.name !== 'shell' || token === null) return null
  if (
    !new RegExp(`^anthropic-beta:\\s*${value}$`, 'i').test(text.slice(token.contentStart, token.contentEnd))
  )
    return null
  const option = /(?:-H|--header)[ \t]+$/.exec(text.slice(0, token.start))
  if (option === null) return null
  const lineStart = text.lastIndexOf('\n', option.index - 1) + 1
  const rest = /^[ \t]*\\\n/.exec(text.slice(token.end))?.[0].length
  const isAlone = text.slice(lineStart, option.index).trim() === '' && rest !== undefined
  return isAlone
    ? { start: lineStart, end: token.end + rest, text: '' }
    : {
        start: option.index,
        end: token.end + (/^[ \t]+/.exec(text.slice(token.end))?.[0].length ?? 0),
        text: '',
      }
}

function isList(group: Group, { name }: Entry): boolean {
  if (name !== null) return /^["']?anthropic[-_]beta["']?$|^betas?$/i.test(name)
  return (
    group.kind === '[' ||
    group.kind === 'sequence' ||
    (group.kind === '{' && /Beta\b|string$/.test(group.callee))
  )
}

/** The member that holds a list whose entries all go. */
function climb(source: Source, group: Group, entries: ReadonlyMap<Entry, WrittenBeta>) {
  const keep = { place: group, entry: null as Entry | null }
  if (entries.size !== group.entries.length) return keep
  const outer = listEnclosing(source, group.start - 1).find(
    (each) => each.start < group.start && findEntry(each, group.start) !== null,
  )
  const entry = outer === undefined ? null : findEntry(outer, group.start)
  return outer === undefined || entry === null || entry.name === null ? keep : { place: outer, entry }
}

function replaceText(text: string, { value }: Entry, left: readonly string[]): TextEdit {
  const start = text.indexOf(value.text, value.start)
  return { start, end: start + value.text.length, text: left.join(',').trim() }
}
