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

/** A group around a name, and its entry that contains the name. */
interface Level {
  readonly group: Group
  readonly entry: Entry | null
}

/** A list, set or map further out than this is about something larger than models. */
const maxLevels = 4

/** Finds the list with at least `minModels` models, or the map whose keys are models, that a name is an entry of. */
export function findRegistry(source: Source, name: Name, minModels = 2): Registry | null {
  const levels: readonly Level[] = listEnclosing(source, name.start)
    .slice(0, maxLevels)
    .map((group) => ({ group, entry: findEntry(group, name.start) }))
  for (const [depth, { group, entry }] of levels.entries()) {
    if (entry === null) return null
    const found = { group, entry }
    const outer = levels[depth + 1]
    if (isModelKey(entry) && group.kind !== 'chain') return found
    if (group.kind === 'section') return null
    if (isComputedKey(group, outer)) continue
    if (isModelItem(found)) return findModelList(source, found, { outer, minModels })
    if (isModelRecord(source, found, name)) return found
    // The name may be the id of a record, which is an item of a list further out; no other member is.
    if (entry.name !== null && !isIdMember(entry.name)) return null
  }
  return null
}

/** The brackets of a computed key, such as `["claude-..."] = 3`: the key belongs to the group around them. */
function isComputedKey({ start }: Group, outer: Level | undefined): boolean {
  const key = outer?.entry ?? null
  return key !== null && key.name !== null && key.nameStart === start
}

function isModelItem({ group, entry }: Registry): boolean {
  return entry.name === null && isList(group) && isNameOnly(entry)
}

/** The list that an item belongs to. Null: it lists nothing that users choose from, or it moves with its request. */
function findModelList(
  source: Source,
  item: Registry,
  { outer, minModels }: { readonly outer: Level | undefined; readonly minModels: number },
): Registry | null {
  const { entries } = item.group
  const models = entries.filter((each) => each.name === null && isNameOnly(each))
  if (models.length >= minModels || entries.some(isOtherModel) || isOffered(source, item.group, outer?.entry))
    return isOfRequest(outer) ? null : item
  return findListOfPairs(item, outer)
}

/** The list around a pair, such as `("claude-...", 3.0)` in `[("claude-...", 3.0), ("gpt-...", 2.5)]`. */
function findListOfPairs({ group, entry }: Registry, outer: Level | undefined): Registry | null {
  const isPair = entry === group.entries[0] && group.entries.length > 1 && group.callee === ''
  if (!isPair || outer === undefined || outer.entry === null || outer.entry.name !== null) return null
  return { group: outer.group, entry: outer.entry }
}

/** A record of a model beside records of others, or one that has prices: `{ id: "claude-...", input: 3 }`. */
function isModelRecord(source: Source, { group, entry }: Registry, name: Name): boolean {
  // An item that is an expression, such as a variable, shows no members to judge by.
  if (entry.name !== null || entry.value.kind === 'expression' || !isRecord(source, entry, name)) return false
  const records = group.entries.filter((each) => isRecord(source, each, null))
  const isOnlyModel = records.length === 1 && group.entries.length > 1 && group.entries.every(hasIdMember)
  return records.length > 1 || isOnlyModel || hasPriceMembers(entry)
}

/** Starts an id of another vendor's model, such as `gpt-4o`, `amazon.nova-pro-v1:0` and `openai/o3`. */
const otherVendor =
  /^(?:[\w-]+\/)?(?:gpt-|o\d|chatgpt|gemini|gemma|mistral|mixtral|llama|meta\.|amazon\.|nova-|titan|cohere|command-|deepseek|qwen|grok|phi-)/i

function isOtherModel({ name, value }: Entry): boolean {
  return name === null && value.kind === 'string' && otherVendor.test(value.text)
}

/** The variable or member before a list on its line: `allowed_models: list[str] =`, `"options":`. */
const holderBefore = /(?<name>\w+)["']?\s*(?::[^=\n]*)?[:=]\s*[\w.&<>()]*$/

/** Names of lists that users choose from, after `foldMember`: `options`, `allowed_models`, `supported`. */
const offer = /^(?:options|choices|enum|values)$|allow|support|available|known|valid|accepted|permitted/i

/** True for a list of choices, although it has one model only. */
function isOffered({ text }: Source, { start }: Group, holder: Entry | null | undefined): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const name = holder?.name ?? holderBefore.exec(line)?.groups?.['name'] ?? ''
  return offer.test(foldMember(name))
}

/**
 * True for the fallbacks of one request, which move with it: `{ model: "...", fallbacks: ["..."] }`; and for those of
 * Claude Code's settings, `fallbackModel`, which may stand without a model.
 */
function isOfRequest(outer: Level | undefined): boolean {
  const name = outer?.entry?.name ?? null
  if (outer === undefined || name === null) return false
  const names = outer.group.entries.map((each) => foldMember(each.name ?? ''))
  const member = foldMember(name)
  return (
    /^fallback_models?$/.test(member) || (/^(?:models|fallbacks?)$/.test(member) && names.includes('model'))
  )
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

/** Functions and types that only hold a list: `new Set(`, `List.of(`, `[]string{`, `vec![`. */
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
  // A request, or an entry in the configuration of a router.
  if (names.includes('messages') || names.includes('litellm_params')) return false
  const holder = group.entries.find(
    (each) =>
      isIdMember(each.name ?? '') && (name === null ? mentionsModel(source, each) : contains(each, name)),
  )
  // The value of a variable of the environment is no entry of a list of models.
  const isVariable =
    foldMember(holder?.name ?? '') === 'value' && !names.some((each) => /label|title|text|display/.test(each))
  return holder !== undefined && !isVariable
}

function mentionsModel({ text }: Source, { start, end }: Entry): boolean {
  return scanNames(text.slice(start, end)).length > 0
}

function contains({ start, end }: Entry, name: Name): boolean {
  return start <= name.start && name.start < end
}

function isIdMember(name: string): boolean {
  return /^(?:id|value|slug|name|key|model|model_?id|model_?name|api_?name|identifier)$/.test(
    foldMember(name),
  )
}

/** Members with a price, after `foldMember`: `input_price`, `cost`, `output`, `per_million`. */
const priceMember =
  /price|cost|^(?:input|output|prompt|completion|cache|in|out)(?:$|_)|per_(?:1?k|m|token|million)/

/** A word of a callee that is about prices: `prices :=`, `new ModelCost`, `token_rates`. */
const priceWord = /(?:^|[^A-Za-z])(?:pric|cost|rate)|Pric|Cost|Rate/

export function hasPrices(group: Group, entry: Entry): boolean {
  const members = entry.value.group?.entries ?? []
  const isPair =
    members.length === 2 && members.every(({ name, value }) => name === null && value.kind === 'number')
  return isPair || priceWord.test(group.callee) || hasPriceMembers(entry)
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
