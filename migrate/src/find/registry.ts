import type { Name } from '../names/name.ts'
import { scanNames } from '../names/scan-names.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { foldMember } from '../syntax/group.ts'
import type { Entry, Group } from '../syntax/group.ts'
import type { Source } from '../syntax/source.ts'

/** The list, set or map with several models in which a name is an item or a key. */
export interface Registry {
  readonly group: Group
  readonly entry: Entry
}

/** A list with several models, or a map whose keys are models. */
export function findRegistry(source: Source, name: Name, minModels = 2): Registry | null {
  const groups = listEnclosing(source, name.start).slice(0, 4)
  for (const [depth, group] of groups.entries()) {
    const entry = findEntry(group, name.start)
    const outer = groups[depth + 1]
    const outerEntry = outer === undefined ? null : findEntry(outer, name.start)
    if (entry === null) return null
    if (entry.name !== null && isModelKey(entry) && group.kind !== 'chain') return { group, entry }
    if (group.kind === 'section') return null
    // The brackets of a computed key, such as `["claude-..."] = 3`.
    if (outerEntry !== null && outerEntry.name !== null && outerEntry.nameStart === group.start) continue
    if (entry.name === null && isList(group) && isNameOnly(entry)) {
      const models = group.entries.filter((each) => each.name === null && isNameOnly(each))
      const others = group.entries.filter(isOtherModel)
      if (models.length >= minModels || others.length > 0 || isOffered(source, group, outerEntry))
        return isOfRequest(outer, outerEntry) ? null : { group, entry }
      // A pair such as `("claude-...", 3.0)` in a list of pairs.
      const isPair =
        entry === group.entries[0] && group.entries.length > 1 && outer !== undefined && outerEntry !== null
      return isPair && outerEntry.name === null && group.callee === ''
        ? { group: outer, entry: outerEntry }
        : null
    }
    if (entry.name === null && entry.value.kind !== 'expression' && isRecord(source, entry, name)) {
      const alike = group.entries.filter((each) => isRecord(source, each, null))
      const isOne = alike.length === 1 && group.entries.length > 1 && group.entries.every(hasIdMember)
      if (alike.length > 1 || isOne || hasPriceMembers(entry)) return { group, entry }
    }
    if (entry.name !== null && !isIdMember(entry.name)) return null
  }
  return null
}

/** An id of another vendor's model, such as `gpt-4o`, `amazon.nova-pro-v1:0` and `openai/o3`. */
function isOtherModel({ name, value }: Entry): boolean {
  return (
    name === null &&
    value.kind === 'string' &&
    /^(?:[\w-]+\/)?(?:gpt-|o\d|chatgpt|gemini|gemma|mistral|mixtral|llama|meta\.|amazon\.|nova-|titan|cohere|command-|deepseek|qwen|grok|phi-)/i.test(
      value.text,
    )
  )
}

/** True for a list of what a user can choose, although it has one model only. */
function isOffered({ text }: Source, { start }: Group, holder: Entry | null | undefined): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const name =
    holder?.name ?? /(?<name>\w+)["']?\s*(?::[^=\n]*)?[:=]\s*[\w.&<>()]*$/.exec(line)?.groups?.['name'] ?? ''
  return /^(?:options|choices|enum|values)$|allow|support|available|known|valid|accepted|permitted/i.test(
    foldMember(name),
  )
}

/** True for the fallbacks of one request, which move with it. */
function isOfRequest(outer: Group | undefined, entry: Entry | null | undefined): boolean {
  if (entry?.name === null || entry?.name === undefined) return false
  const names = (outer?.entries ?? []).map((each) => foldMember(each.name ?? ''))
  return /^(?:models|fallbacks?)$/.test(foldMember(entry.name)) && names.includes('model')
}

function hasIdMember({ value }: Entry): boolean {
  const members = value.group?.entries ?? []
  return members.some(({ name, value: id }) => isIdMember(name ?? '') && id.kind === 'string')
}

/** A key that is a whole name of the API; a shorter one is a name of the application's own. */
function isModelKey({ name, separator }: Entry): boolean {
  if (name === null || separator === '(') return false
  const [only, ...more] = scanNames(name)
  return only !== undefined && more.length === 0 && only.form !== 'undated' && only.form !== 'display'
}

/** Functions and types that only hold a list. */
const listCallee =
  /^(?:|\[\].*|.*\b(?:Set|set|frozenset|list|List|listOf|setOf|asList|of|Array|array|vec!|tuple|toset|tolist)|.*[\]>})]|new\s+\w+\[\])$/

/** Brackets that hold a list or a set. */
export function isList({ kind, callee }: Group): boolean {
  // `Map.of(key, value, ...)` lists pairs.
  if (/\bMap\.of$/.test(callee)) return false
  if (kind === '[' || kind === 'sequence') return true
  return (kind === '(' || kind === '{') && listCallee.test(callee)
}

/** A text that is one name and nothing else. */
function isNameOnly({ value }: Entry): boolean {
  if (value.kind !== 'string') return false
  const [only] = scanNames(value.text)
  return (
    only !== undefined && only.form !== 'display' && only.end === value.text.length && !/\s/.test(value.text)
  )
}

/** An object of a list of models, such as a picker or a price list; null: any name in it counts. */
function isRecord(source: Source, { value }: Entry, name: Name | null): boolean {
  const { group } = value
  if (group === null || group.kind === '(' || group.kind === 'chain') return false
  const names = group.entries.map((each) => foldMember(each.name ?? ''))
  if (names.includes('messages') || names.includes('litellm_params')) return false
  const holder = group.entries.find(
    (each) =>
      isIdMember(each.name ?? '') &&
      (name === null
        ? scanNames(source.text.slice(each.start, each.end)).length > 0
        : each.start <= name.start && name.start < each.end),
  )
  // The value of a variable of the environment is no entry of a list of models.
  const isVariable =
    foldMember(holder?.name ?? '') === 'value' && !names.some((each) => /label|title|text|display/.test(each))
  return holder !== undefined && !isVariable
}

function isIdMember(name: string): boolean {
  return /^(?:id|value|slug|name|key|model|model_?id|model_?name|api_?name|identifier)$/.test(
    foldMember(name),
  )
}

const priceMember =
  /price|cost|^(?:input|output|prompt|completion|cache|in|out)(?:$|_)|per_(?:1?k|m|token|million)/

export function hasPrices(group: Group, entry: Entry): boolean {
  const members = entry.value.group?.entries ?? []
  const isPair =
    members.length === 2 && members.every(({ name, value }) => name === null && value.kind === 'number')
  const isNamed = /(?:^|[^A-Za-z])(?:pric|cost|rate)|Pric|Cost|Rate/.test(group.callee)
  return isPair || isNamed || hasPriceMembers(entry)
}

function hasPriceMembers({ value: { group } }: Entry): boolean {
  return (group?.entries ?? []).some(
    ({ name, value }) =>
      name !== null &&
      priceMember.test(foldMember(name)) &&
      (value.kind === 'number' || (value.group !== null && value.group.entries.some(isNumber))),
  )
}

function isNumber({ value }: Entry): boolean {
  return value.kind === 'number'
}
