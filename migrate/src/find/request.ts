import type { Entry, Group, Value } from '../syntax/group.ts'
import { foldMember } from '../syntax/group.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import type { Source } from '../syntax/source.ts'
import { findTokenIndex } from '../syntax/source.ts'
import { findAssigned, isDeclared } from './assignments.ts'
import {
  findHolder,
  hasKnownSides,
  isConditional,
  listConditionalValues,
  listLaterMembers,
  listSpreadObjects,
} from './later-members.ts'
import type { Branch } from './later-members.ts'

/** A member of a request, wherever it stands: in the call, in a nested object, or in a variable. */
export interface RequestMember {
  readonly entry: Entry
  readonly group: Group
  /** The value, behind a variable that is assigned once. */
  readonly value: Value
  /** False if the value stands in a variable, so that it may have other uses. */
  readonly inPlace: boolean
  /** The member stands in an object that other calls use as well. */
  readonly isShared?: boolean
  /** The text is a statement or the side of a condition, which can be changed, and not removed. */
  readonly stays?: boolean
  /** The object around the member is a side of a condition, which stays when it is empty. */
  readonly inBranch?: boolean
}

/** The arguments of a call or the members of an object that a model receives. */
export interface Request {
  readonly source: Source
  readonly group: Group
  /** By their names on the wire, such as `max_tokens`. */
  readonly members: ReadonlyMap<string, RequestMember>
  /** Members that the request has under a condition; they replace those of the same names. */
  readonly branches: readonly ReadonlyMap<string, RequestMember>[]
  /** The parameters of a function declaration, which are no request. */
  readonly isDeclaration: boolean
  /** The function that is called, with its object. */
  readonly callee: string
}

const modelMember =
  /(?:^|_)model(?:_?id|_name|_key|_version|_identifier)?$|^engine$|^deployment(?:_name|_id)?$/

export function isModelMember(name: string): boolean {
  return modelMember.test(foldMember(name.replace(/^.*\./, '')))
}

/** Functions that read a variable with a default: `os.getenv("MODEL", "claude-...")`. */
const environmentReader =
  /(?:getenv|env|environ\.get|get_env|Getenv|GetEnvironmentVariable|getOrDefault|orElse)$/

/** Finds the request whose model the text at an offset is; null: it is not the model of a request. */
export function findRequest(source: Source, offset: number): Request | null {
  const path = listEnclosing(source, offset)
  for (const [depth, group] of path.entries()) {
    const entry = findEntry(group, offset)
    if (entry === null) continue
    if (entry.name !== null)
      return isModelMember(entry.name) ? createRequest(source, group, path[depth + 1]) : null
    if (group.kind !== '(') {
      if (group.kind === '[' || group.kind === 'sequence') return null
      continue
    }
    const isWrapper = environmentReader.test(group.callee)
    const others = group.entries.filter((each) => each.name !== null || each.value.group !== null)
    if (!isWrapper && others.some((each) => each !== entry)) return createRequest(source, group)
  }
  return null
}

/** Reads a group as a request. */
export function createRequest(source: Source, group: Group, outer?: Group): Request {
  const members = new Map<string, RequestMember>()
  collect(source, group, members, 0)
  const branches = collectBranches(source, group, members)
  // A chain of builder calls that a function of another library receives has its own members only.
  const callee = group.kind === '{' && outer?.kind === '(' ? outer.callee : group.callee
  return { source, group, members, branches, isDeclaration: isDeclaration(source, group), callee }
}

/** A request as it is without a condition, and with each of its branches. */
export function listVariants(request: Request): readonly Request[] {
  const variants = request.branches.map((branch) => ({
    ...request,
    members: new Map([...request.members, ...branch]),
    branches: [],
  }))
  return [request, ...variants]
}

/** Adds what statements always set to the members, and returns what a condition decides. */
function collectBranches(
  source: Source,
  group: Group,
  members: Map<string, RequestMember>,
): readonly ReadonlyMap<string, RequestMember>[] {
  if (source.language.layout !== 'code') return []
  const found: ReadonlyMap<string, RequestMember>[] = []
  for (const name of decidedMembers) {
    const value = members.get(name)?.entry.value
    if (value !== undefined && hasKnownSides(source, value)) members.delete(name)
  }
  for (const { isAlways, stays, ...branch } of listBranches(source, group, 0)) {
    const own = new Map<string, RequestMember>()
    collect(source, { ...branch.group, entries: branch.entries }, own, 1)
    for (const [name, member] of own)
      own.set(name, { ...member, group: restore(member.group, branch.group), stays, inBranch: true })
    if (isAlways) for (const [name, member] of own) members.set(name, member)
    else if (own.size > 0) found.push(own)
  }
  return found
}

/** Removals need the group as it was read, with all of its entries. */
function restore(group: Group, original: Group): Group {
  return group.start === original.start ? original : group
}

function listBranches(source: Source, group: Group, depth: number): readonly Branch[] {
  const holder = depth === 0 ? findHolder(source, group) : null
  const later = holder === null ? [] : listLaterMembers(source, holder, group)
  const inside = group.entries.flatMap((entry): readonly Branch[] => {
    const { name, value } = entry
    if (name === null) return [...listSpreadObjects(source, entry), ...listSpreadVariable(source, entry)]
    const folded = renamed.get(foldMember(name)) ?? foldMember(name)
    const isContainer = containers.has(folded)
    const isObject = value.group !== null && !isConditional(source, value)
    if (isContainer && isObject && depth < maxObjects) return listBranches(source, value.group, depth + 1)
    return isContainer || decidedMembers.has(folded) ? listConditionalValues(source, group, entry) : []
  })
  return [...inside, ...later]
}

/** Members whose values are objects that a program chooses between. */
const decidedMembers: ReadonlySet<string> = new Set(['thinking', 'tool_choice'])

/** What statements add to a variable that only this request spreads. */
function listSpreadVariable(source: Source, entry: Entry): readonly Branch[] {
  const name = readSpreadName(source, entry)
  if (name === null) return []
  const spreads = source.text.match(new RegExp(`(?:\\.\\.\\.|\\*\\*)${escape(name)}\\b`, 'g'))
  if (spreads?.length !== 1) return []
  const group = findAssigned(source, name)?.group ?? null
  return group === null ? [] : listLaterMembers(source, name, group)
}

/** Nested objects are read up to this depth, and a single object among the arguments up to one level less. */
const maxObjects = 4

function collect(source: Source, group: Group, members: Map<string, RequestMember>, depth: number): void {
  for (const entry of group.entries) {
    if (entry.name === null) collectItem(source, entry, members, depth)
    else if (entry.name === '<<' && entry.value.group !== null)
      collectAlias(source, entry.value, entry.value.group, members)
    else {
      const name = readMemberName(source, group, entry, entry.name)
      const { value, inPlace } = follow(source, entry)
      const isNested = depth < maxObjects
      if (name === 'tool_config' && value.group !== null) collectToolChoice(source, value.group, members)
      else if (containers.has(name) && value.group !== null && isNested && !isConditional(source, value))
        collect(source, value.group, members, depth + 1)
      else if (!members.has(name)) members.set(name, { entry, group, value, inPlace: inPlace && isNested })
    }
  }
}

/** `toolConfig: { tools: [...], toolChoice: { any: {} } }` of Converse, whose tools have another form. */
function collectToolChoice(source: Source, group: Group, members: Map<string, RequestMember>): void {
  const choice = group.entries.filter(({ name }) => foldMember(name ?? '') === 'tool_choice')
  collect(source, { ...group, entries: choice }, members, maxObjects)
}

/** The name on the wire of a member with another spelling, of another library, or of a setting. */
function readMemberName(source: Source, group: Group, entry: Entry, written: string): string {
  const folded = foldMember(written)
  return renamed.get(folded) ?? readSettingName(source, group, entry) ?? folded
}

/** An object among the arguments, or a variable whose members are spread. */
function collectItem(source: Source, entry: Entry, members: Map<string, RequestMember>, depth: number): void {
  const { kind, group } = entry.value
  if (kind === 'group' && group?.kind === '{' && depth < maxObjects - 1)
    collect(source, group, members, depth + 1)
  collectSpread(source, entry, members)
}

/** `<<: *defaults` of YAML; other mappings may have the same alias. */
function collectAlias(
  source: Source,
  { start }: Value,
  group: Group,
  members: Map<string, RequestMember>,
): void {
  const alias = /^\*(?<name>[\w-]+)/.exec(source.text.slice(start))?.groups?.['name'] ?? ''
  addShared(source, group, members, source.text.split(`*${alias}`).length === 2)
}

/** `MODEL_TEMPERATURE`, `spring.ai.options.top-p` */
const settingForm = /^(?<prefix>(?:.*[._-])?)(?<name>temperature|top[._-]?p|top[._-]?k)$/i

/**
 * The parameter that a setting such as `MODEL_TEMPERATURE` or `spring.ai.options.temperature` is meant for, beside the
 * only model of the settings.
 */
function readSettingName({ language, text }: Source, { entries }: Group, entry: Entry): string | null {
  if (language.layout !== 'lines' && language.layout !== 'yaml') return null
  const { prefix = '', name } = settingForm.exec(entry.name ?? '')?.groups ?? {}
  if (name === undefined || prefix === '') return null
  // A line that continues another one cannot be removed alone.
  const lineEnd = text.indexOf('\n', entry.start)
  if (/\\\s*$/.test(text.slice(0, entry.start)) || /\\\s*$/.test(text.slice(entry.start, lineEnd)))
    return null
  const models = entries.filter((each) => each.name !== null && isModelMember(each.name))
  const isClaude = models.length > 0 && models.every(({ value }) => /claude/i.test(value.text))
  const isBeside = models.some((each) => each.name?.replace(modelSuffix, '') === prefix)
  return isClaude && (isBeside || modelPrefix.test(prefix))
    ? foldMember(name.replaceAll('.', '_')).replace(/^top_?/, 'top_')
    : null
}

/** The end of a setting with a model: `spring.ai.options.model`, `CHAT_MODEL_ID`. */
const modelSuffix = /model(?:[._-]?(?:id|name))?$/i

/** The start of a setting for any model: `LLM_`, `app.chat.`. */
const modelPrefix = /^(?:.*[._-])?(?:model|llm|claude|anthropic|ai|chat|default|sampling)[._-]$/i

/** `...defaults` and `**defaults`: the members stand in a variable, which other calls may use as well. */
function collectSpread(source: Source, entry: Entry, members: Map<string, RequestMember>): void {
  const name = readSpreadName(source, entry)
  const group = name === null ? null : (findAssigned(source, name)?.group ?? null)
  if (name === null || group === null) return
  const uses = source.text.split(new RegExp(`\\b${escape(name)}\\b`)).length - 1
  addShared(source, group, members, uses <= 2)
}

function readSpreadName({ text }: Source, { start, end }: Entry): string | null {
  const found = /^(?:\.\.\.|\*\*|&)(?<name>[\w$.]+)$/.exec(text.slice(start, end))
  return found?.groups?.['name'] ?? null
}

function escape(name: string): string {
  return name.replaceAll(/[$.]/g, '\\$&')
}

function addShared(
  source: Source,
  group: Group,
  members: Map<string, RequestMember>,
  inPlace: boolean,
): void {
  const shared = new Map<string, RequestMember>()
  collect(source, group, shared, 1)
  for (const [name, member] of shared)
    if (!members.has(name)) members.set(name, { ...member, inPlace, isShared: !inPlace })
}

function follow(source: Source, entry: Entry): { readonly value: Value; readonly inPlace: boolean } {
  const { value } = entry
  if (value.kind !== 'expression' || source.language.layout !== 'code') return { value, inPlace: true }
  const found = findAssigned(source, source.text.slice(value.start, value.end).trim())
  return found === null ? { value, inPlace: true } : { value: found, inPlace: false }
}

/** Names of other libraries for members of the Messages API. */
const renamed: ReadonlyMap<string, string> = new Map([
  ['max_output_tokens', 'max_tokens'],
  ['max_completion_tokens', 'max_tokens'],
  ['model_max_tokens', 'max_tokens'],
  ['enabled_thinking', 'thinking'],
  ['topp', 'top_p'],
  ['topk', 'top_k'],
  ['extra_headers', 'headers'],
  ['default_headers', 'headers'],
  ['anthropic_beta', 'betas'],
  ['stop_sequence', 'stop_sequences'],
])

/** Objects that only group members of a request. */
const containers: ReadonlySet<string> = new Set([
  'model_kwargs',
  'model_parameters',
  'model_params',
  'model_settings',
  'inference_config',
  'inference_configuration',
  'additional_model_request_fields',
  'additional_model_request_parameters',
  'provider_options',
  'anthropic',
  'extra_body',
  'generation_config',
  'parameters',
  'params',
  'options',
  'settings',
  'body',
  'json',
])

/** True for the parameters of a function that is declared here. */
function isDeclaration(source: Source, group: Group): boolean {
  if (group.kind !== '(') return false
  return isDeclared(source, findTokenIndex(source, group.start))
}
