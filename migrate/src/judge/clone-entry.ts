import { valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { TextEdit } from '../finding.ts'
import { scanNames } from '../names/scan-names.ts'
import { respell } from '../names/respell.ts'
import type { Entry, Group, Value } from '../syntax/group.ts'
import { foldMember } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'

export type Cloned =
  /** `count` is the new length of an array whose type states it. */
  | { readonly ok: true; readonly edit: TextEdit; readonly count: TextEdit | null; readonly text: string }
  | { readonly ok: false; readonly because: string; readonly isListed?: boolean }

export interface CloneOptions {
  readonly model: Model | null
  readonly target: Model
  readonly day: string
  readonly pin?: boolean | undefined
}

/**
 * Plans a new entry for the target beside an entry of a list or a map. Every name, price and limit in it must be one of
 * the old model that the catalog knows, so that the new entry's values are known too.
 */
export function cloneEntry(source: Source, group: Group, entry: Entry, options: CloneOptions): Cloned {
  const text = source.text.slice(entry.start, entry.end).trimEnd()
  const changes = planChanges(source, entry, { ...options, holder: readHolder(source, group) })
  if (typeof changes === 'string') return { ok: false, because: changes }
  let copy = text
  for (const { start, end, text: after } of changes.toSorted((one, other) => other.start - one.start))
    copy = copy.slice(0, start - entry.start) + after + copy.slice(end - entry.start)
  if (isListed(source, group, entry, copy))
    return { ok: false, because: `${options.target.name} is already listed.`, isListed: true }
  const edit = insertAfter(source, group, entry, copy)
  return { ok: true, edit, count: findCount(source, group), text: copy }
}

/** `[&str; 2] = [` of Rust and `[2]string{` of Go state the length of the list. */
function findCount({ text }: Source, { start, entries }: Group): TextEdit | null {
  const before = text.slice(Math.max(0, start - 120), start)
  const found = /;\s*(?<count>\d+)\]\s*=\s*&?$|\[(?<length>\d+)\][\w.*]+$/d.exec(before)
  const range = found?.indices?.groups?.['count'] ?? found?.indices?.groups?.['length']
  if (range === undefined) return null
  const [from, to] = range
  if (Number(before.slice(from, to)) !== entries.length) return null
  const offset = start - before.length
  return { start: offset + from, end: offset + to, text: String(entries.length + 1) }
}

/** The name of the variable or member that holds a map. */
function readHolder({ text }: Source, { start }: Group): string {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return foldMember(
    /(?<name>[\w]+)["']?\s*(?::[^=\n]*)?[:=(]\s*[\w.&[\]<>]*$/.exec(line)?.groups?.['name'] ?? '',
  )
}

/**
 * Plans the change of a record in place, such as `{ id: "claude-...", input: 3, output: 15 }`: its name, and its prices and
 * limits. A sentence says why that is not certain.
 */
export function convertRecord(
  source: Source,
  group: Group,
  options: CloneOptions,
): readonly TextEdit[] | string {
  const { start, end } = group
  const value: Value = { kind: 'group', start, end, text: '', number: null, constant: null, group }
  const name = group.entries.every((each) => each.name !== null) ? 'record' : null
  const entry: Entry = { start, end, name, nameStart: start, nameEnd: start, separator: '', value }
  return planChanges(source, entry, { ...options, holder: '' })
}

function planChanges(
  source: Source,
  entry: Entry,
  { holder, ...options }: CloneOptions & { readonly holder: string },
): readonly TextEdit[] | string {
  const text = source.text.slice(entry.start, entry.end)
  const changes: TextEdit[] = []
  for (const name of scanNames(text)) {
    if (name.model?.id !== options.model?.id) return 'The entry names another model as well.'
    const written = respell(name, options.target, { pin: options.pin })
    if (!written.ok) return written.because
    changes.push({ start: entry.start + name.start, end: entry.start + name.end, text: written.text })
  }
  const problem = planNumbers(source, entry, { ...options, holder }, changes)
  return problem ?? changes
}

/** Adds the changes of all numbers of an entry; returns why one is not known. */
function planNumbers(
  source: Source,
  entry: Entry,
  { holder, ...options }: CloneOptions & { readonly holder: string },
  changes: TextEdit[],
): string | null {
  const unit = { scale: null as number | null }
  for (const { path, value } of listLeaves(entry)) {
    const text = source.text.slice(value.start, value.end)
    if (value.kind === 'constant') continue
    if (value.kind === 'string') {
      if (/claude|sonnet|opus|haiku|fable|mythos/i.test(value.text) && scanNames(value.text).length === 0)
        return `The text ${text} is not a name that the catalog knows.`
      if (/\d{4}-\d\d|\d{8}/.test(value.text) && scanNames(value.text).length === 0)
        return `The date ${text} belongs to the old model.`
      continue
    }
    if (value.kind !== 'number' || value.number === null) {
      if (value.kind === 'expression' && /^[\w.]+$/.test(text) && !/\d/.test(text)) continue
      return `The value ${text.slice(0, 40)} is computed.`
    }
    const after = convertNumber(path, value.number, text, { ...options, unit, holder })
    if (after === null) return `The number ${text} is not one that the catalog knows of the old model.`
    changes.push({ start: value.start, end: value.end, text: after })
  }
  return null
}

interface Leaf {
  /** The names around the value inside the entry, joined by dots. */
  readonly path: string
  readonly value: Value
}

function listLeaves({ name, value }: Entry, prefix = ''): readonly Leaf[] {
  // In `("claude-...", 3.0, 15.0)` the numbers behind the name are a pair.
  const isTuple = prefix === '' && name === null && value.group?.entries[0]?.value.kind === 'string'
  if (isTuple) {
    const entries = value.group?.entries ?? []
    return entries.flatMap((entry, index) =>
      // A name with one number, such as `("claude-...", 64000)`, is like a key with its value.
      listLeaves(entry, entry.name !== null || entries.length === 2 ? 'pair.' : `pair.${index - 1}.`),
    )
  }
  // A key may have dots of its own.
  const path = `${prefix}${name === null ? '' : `${foldMember(name).replaceAll('.', '_')}.`}`
  if (value.group === null) return value.kind === 'string' && value.text === '' ? [] : [{ path, value }]
  return value.group.entries.flatMap((entry, index) =>
    listLeaves(entry, value.group !== null && entry.name === null ? `${path}${index}.` : path),
  )
}

interface NumberOptions extends CloneOptions {
  readonly unit: { scale: number | null }
  /** The name of the map, folded. */
  readonly holder: string
}

/** Members with the size of a window or of an answer: `context_window`, `max_output_tokens`. */
const windowMember = /context|window|max_input|input_limit|input_tokens|token_limit/
const outputMember = /max_?(?:output|tokens|completion)|output_(?:limit|tokens)/

/** The number of the target in place of one of the old model. Null: it is another number, so it is not known. */
function convertNumber(path: string, value: number, text: string, options: NumberOptions): string | null {
  const { model, target } = options
  if (model === null) return null
  const last = path
    .split('.')
    .filter((part) => part !== '')
    .slice(1)
    .join('.')
  const named = last === '' ? options.holder : last
  if (windowMember.test(named))
    return value === model.contextWindow.tokens ? format(target.contextWindow.tokens, text) : null
  if (outputMember.test(named))
    return value === model.maxOutput.tokens ? format(target.maxOutput.tokens, text) : null
  const name = findPrice(named)
  if (name === null) return convertLone(last, value, text, options)
  const price = convertPrice(name, value, model, options)
  return price === null ? null : format(price, text)
}

/** The target's price in the unit of the old one. All prices of an entry have the same unit. */
function convertPrice(
  name: PriceName,
  value: number,
  model: Model,
  { target, day, unit }: NumberOptions,
): number | null {
  const [old, next] = [valueOn(model.rateCards, day), valueOn(target.rateCards, day)]
  // One number cannot state prices that depend on the length of the prompt.
  const hasSteps = next?.steps?.some(({ until }) => until === null || day < until) === true
  if (old === undefined || next === undefined || hasSteps) return null
  const scale = value / Number(old.standard[name])
  const known = scales.find((each) => Math.abs(scale / each - 1) < 1e-6)
  if (known === undefined || (unit.scale !== null && unit.scale !== known)) return null
  unit.scale = known
  return Number((Number(next.standard[name]) * known).toPrecision(12))
}

/** Dollars or cents per million, thousand or single token, and micro-dollars. */
const scales = [1, 1e-3, 1e-6, 100, 0.1, 1e-4, 1000, 1e6, 1e9]

/** A map from a model to one number: the size of its window or of its answer, if it is exactly that of the old model. */
function convertLone(
  path: string,
  value: number,
  text: string,
  { model, target }: NumberOptions,
): string | null {
  if (path !== '' || model === null) return null
  const isWindow = value === model.contextWindow.tokens
  const isOutput = value === model.maxOutput.tokens
  if (isWindow === isOutput) return null
  return format(isWindow ? target.contextWindow.tokens : target.maxOutput.tokens, text)
}

type PriceName = 'input' | 'output' | 'cache_read' | 'cache_write_5m' | 'cache_write_1h'

function findPrice(path: string): PriceName | null {
  if (/(?:cache|write).*(?:1h|hour)/.test(path)) return 'cache_write_1h'
  if (/cache.*(?:write|creat)|(?:write|creat)\w*cache|^write|5m$/.test(path)) return 'cache_write_5m'
  if (/cache|^read/.test(path)) return 'cache_read'
  if (/output|completion|^(?:out|1)$|_out$/.test(path)) return 'output'
  if (/input|prompt|^(?:in|0)$|_in$/.test(path)) return 'input'
  return null
}

/** Writes a number as the old one is written: its underscores, its exponent, at least its decimals. */
function format(value: number, old: string): string {
  const suffix = /(?<=\d)[fFdDmMlL]$/.exec(old)?.[0] ?? ''
  if (/e-?\d/i.test(old))
    return value.toExponential().replace(/e([+-])(\d)$/, /e-0\d/.test(old) ? 'e$10$2' : 'e$1$2') + suffix
  const decimals = /\.(?<digits>\d+)/.exec(old)?.groups?.['digits']?.length ?? 0
  const plain = value < 1e-6 ? value.toFixed(12).replace(/0+$/, '') : String(value)
  const [whole = '', fraction = ''] = plain.split('.')
  const grouped = old.includes('_') ? whole.replaceAll(/\B(?=(?:\d{3})+$)/g, '_') : whole
  const digits = fraction.padEnd(decimals, '0')
  return grouped + (digits === '' ? '' : `.${digits}`) + suffix
}

function isListed(source: Source, group: Group, entry: Entry, copy: string): boolean {
  const wanted = scanNames(copy).map(({ text }) => text)
  const first = wanted[0]
  if (first === undefined) return true
  return group.entries.some((each) => {
    if (each === entry) return false
    const texts = scanNames(source.text.slice(each.start, each.end)).map(({ text }) => text)
    return texts.includes(first)
  })
}

function insertAfter({ text }: Source, group: Group, entry: Entry, copy: string): TextEdit {
  const lineStart = text.lastIndexOf('\n', entry.start - 1) + 1
  const lead = text.slice(lineStart, entry.start)
  if (group.kind === 'mapping' || group.kind === 'sequence' || group.kind === 'section') {
    const end = entry.start + text.slice(entry.start, entry.end).trimEnd().length
    const found = text.indexOf('\n', end)
    const at = found === -1 ? text.length : found
    return { start: at, end: at, text: `\n${lead}${copy}` }
  }
  const comma = /^\s*[,;]/.exec(text.slice(entry.end, group.end - 1))?.[0].length
  const at = entry.end + (comma ?? 0)
  const isOwnLine = lead.trim() === ''
  const mark = comma === undefined ? ',' : ''
  if (!isOwnLine) return { start: at, end: at, text: comma === undefined ? `, ${copy}` : ` ${copy},` }
  const rest = /^[ \t]*(?:\/\/|#)[^\n]*/.exec(text.slice(at))?.[0] ?? ''
  const isLast = comma === undefined
  if (isLast) return { start: entry.end, end: entry.end, text: `${mark}\n${lead}${copy}` }
  return { start: at + rest.length, end: at + rest.length, text: `\n${lead}${copy},` }
}
