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

/** A value in the list or in the text that holds it. */
interface HeldBeta {
  readonly beta: WrittenBeta
  readonly group: Group
  readonly entry: Entry
}

type BetaEdits = Map<WrittenBeta, readonly TextEdit[]>

/** Removes values from lists and headers; a list or header that becomes empty goes as a whole. */
function planEdits(source: Source, betas: readonly WrittenBeta[]): BetaEdits {
  const plans: BetaEdits = new Map()
  const items: HeldBeta[] = []
  const joined: HeldBeta[] = []
  for (const beta of betas) {
    const header = findHeader(source, beta)
    if (header !== null) plans.set(beta, [header])
    const held = header === null ? findHeld(source, beta) : null
    if (held === null) continue
    const { text } = held.entry.value
    if (text === beta.value && isList(held.group, held.entry)) items.push(held)
    else if (text.includes(',') && text.split(',').some((each) => each.trim() === beta.value))
      joined.push(held)
  }
  const emptied = planTexts(source, joined, plans)
  planItems(source, [...items, ...emptied], plans)
  return plans
}

function findHeld(source: Source, beta: WrittenBeta): HeldBeta | null {
  const [group] = listEnclosing(source, beta.start)
  const entry = group === undefined ? null : findEntry(group, beta.start)
  if (group === undefined || entry === null) return null
  // In code a value outside a string is a word of a program.
  if (source.language.layout === 'code' && findToken(source, beta.start)?.kind !== 'string') return null
  return { beta, group, entry }
}

/** Removes values from texts such as `"beta-1,beta-2"`; returns those whose text becomes empty, so that its entry goes. */
function planTexts(source: Source, joined: readonly HeldBeta[], plans: BetaEdits): readonly HeldBeta[] {
  return [...Map.groupBy(joined, ({ entry }) => entry)].flatMap(([entry, held]): readonly HeldBeta[] => {
    const idle = new Set(held.map(({ beta }) => beta.value))
    const left = entry.value.text.split(',').filter((value) => !idle.has(value.trim()))
    // The finding of the last value carries the edit of the whole entry.
    if (left.length === 0 && held.every(({ group }) => isList(group, entry))) return held.toReversed()
    shareEdits(plans, held, [replaceText(source.text, entry, left)])
    return []
  })
}

/** Removes the entries of a list in one edit; the list goes with its member if no entry is left. */
function planItems(source: Source, items: readonly HeldBeta[], plans: BetaEdits): void {
  for (const [group, held] of Map.groupBy(items, (item) => item.group)) {
    const entries = new Set(held.map(({ entry }) => entry))
    const member = entries.size === group.entries.length ? findMember(source, group) : null
    const edits =
      member === null
        ? planRemoval(source, group, entries)
        : planRemoval(source, member.group, new Set([member.entry]))
    shareEdits(plans, held, edits)
  }
}

/** Edits that remove several values at once are those of the first finding, and the others have none of their own. */
function shareEdits(plans: BetaEdits, held: readonly HeldBeta[], edits: readonly TextEdit[]): void {
  for (const [index, { beta }] of held.entries()) plans.set(beta, index === 0 ? edits : [])
}

/** The removal of a header with one value: a call of a builder, or an option of curl. */
function findHeader(source: Source, beta: WrittenBeta): TextEdit | null {
  const [group, chain] = listEnclosing(source, beta.start)
  const link = chain?.kind === 'chain' ? findEntry(chain, beta.start) : null
  if (chain !== undefined && link !== null && group?.entries.length === 2)
    return isHeaderPair(group, beta) ? (planRemoval(source, chain, new Set([link]))[0] ?? null) : null
  return source.language.name === 'shell' ? findHeaderOption(source, beta) : null
}

/** `("anthropic-beta", "...")` */
function isHeaderPair({ entries: [name, value] }: Group, beta: WrittenBeta): boolean {
  return /^anthropic-beta$/i.test(name?.value.text ?? '') && value?.value.text === beta.value
}

/** `-H "anthropic-beta: ..."`, with its line if it stands on one of its own. */
function findHeaderOption(source: Source, { start, value }: WrittenBeta): TextEdit | null {
  const { text } = source
  const token = findToken(source, start)
  if (token === null) return null
  const header = new RegExp(`^anthropic-beta:\\s*${value}$`, 'i')
  const option = /(?:-H|--header)[ \t]+$/.exec(text.slice(0, token.start))
  if (option === null || !header.test(text.slice(token.contentStart, token.contentEnd))) return null
  const lineStart = text.lastIndexOf('\n', option.index - 1) + 1
  const continued = /^[ \t]*\\\n/.exec(text.slice(token.end))?.[0].length
  if (continued !== undefined && text.slice(lineStart, option.index).trim() === '')
    return { start: lineStart, end: token.end + continued, text: '' }
  const blanks = /^[ \t]+/.exec(text.slice(token.end))?.[0].length ?? 0
  return { start: option.index, end: token.end + blanks, text: '' }
}

function isList(group: Group, { name }: Entry): boolean {
  if (name !== null) return /^["']?anthropic[-_]beta["']?$|^betas?$/i.test(name)
  return (
    group.kind === '[' ||
    group.kind === 'sequence' ||
    (group.kind === '{' && /Beta\b|string$/.test(group.callee))
  )
}

/** The member that holds a list: `betas: [...]`. Null: the list is a value without a name. */
function findMember(source: Source, list: Group): { readonly group: Group; readonly entry: Entry } | null {
  const outer = listEnclosing(source, list.start - 1).find(
    (each) => each.start < list.start && findEntry(each, list.start) !== null,
  )
  const entry = outer === undefined ? null : findEntry(outer, list.start)
  return outer === undefined || entry === null || entry.name === null ? null : { group: outer, entry }
}

function replaceText(text: string, { value }: Entry, left: readonly string[]): TextEdit {
  const start = text.indexOf(value.text, value.start)
  return { start, end: start + value.text.length, text: left.join(',').trim() }
}
