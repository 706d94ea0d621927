import type { Model, Platform } from '@anthology/catalog'
import { nameOn } from '@anthology/catalog'

import type { TextEdit } from '../finding.ts'
import { findRegion } from '../find/platform.ts'
import type { Place, ScannedFile } from '../find/scan-file.ts'
import type { Move } from '../move.ts'
import type { Name } from '../names/name.ts'
import { respell } from '../names/respell.ts'
import { scanNames } from '../names/scan-names.ts'
import { rememberLast } from '../syntax/last-text.ts'
import type { Respelled } from '../names/respell.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import type { Group } from '../syntax/group.ts'
import { cloneEntry, convertRecord } from './clone-entry.ts'
import { findTarget } from './describe-name.ts'
import type { Reporter } from './reporter.ts'

export interface NamePlan {
  readonly target: Model | null
  readonly platform: Platform
  readonly written: Respelled | null
}

/** Finds the target of a name on its platform, and its spelling there. */
export function planName(
  file: ScannedFile,
  place: Place,
  { move, platform }: { readonly move: Move; readonly platform: Platform },
): NamePlan {
  const { name } = place
  const target = findTarget(name, move)
  if (target === null) return { target, platform, written: null }
  if (platform === 'foundry' && name.form !== 'display')
    return {
      target,
      platform,
      written: {
        ok: false,
        because: 'On Microsoft Foundry the name is that of a deployment, which the customer chooses.',
      },
    }
  const named = explainNaming(place, target)
  if (named !== null) return { target, platform, written: { ok: false, because: named } }
  const isCall = place.class === 'call' || place.class === 'definition' || place.class === 'test'
  const isResource =
    /(?:foundation-model\/|inference-profile\/)$/.test(before(place, 24)) ||
    /foundation_?model/i.test(before(place, 60))
  const isBare = name.model === null || isServedBare(name.model)
  const region = findRegion(file.text)
  const profile = region === null ? undefined : readPrefix(nameOn(target, 'bedrock', { region }))
  const routed =
    name.form === 'undated' && before(place, 10).endsWith('anthropic/')
      ? { ...name, form: 'dotted' as const }
      : name
  const written = respell(routed, target, { pin: move.pin, isCall: isCall && !isResource && isBare, profile })
  return { target, platform, written }
}

/** Models before Claude 4 are served on demand; a bare id of a later one was never a call's. */
function isServedBare({ generation, bedrockProfiles }: Model): boolean {
  return Number.parseFloat(generation) < 3.7 || (bedrockProfiles ?? []).length === 0
}

function readPrefix(id: string | null): string | undefined {
  return /^(?<prefix>[a-z-]+)\.anthropic\./.exec(id ?? '')?.groups?.['prefix']
}

function before({ name, segment }: Place, length: number): string {
  return segment.source.text.slice(Math.max(0, name.start - length), name.start)
}

/** A name that the configuration of a router defines for its own clients, such as `model_name` of LiteLLM. */
export function isOwnName({ name, segment }: Place): boolean {
  const { source } = segment
  const [group] = listEnclosing(source, name.start)
  const entry = group === undefined ? null : findEntry(group, name.start)
  const isKey =
    entry !== null && entry.name !== null && name.start >= entry.nameStart && name.end <= entry.nameEnd
  if (isKey && name.form === 'undated' && entry.separator !== '(') return true
  if (source.language.layout !== 'yaml') return false
  if (entry?.name === 'model_name' && group?.entries.some((each) => each.name === 'litellm_params') === true)
    return true
  return source.text.includes('litellm_params') && listOwnNames(source.text).includes(name.text)
}

const listOwnNames = rememberLast((text) =>
  [...text.matchAll(/\bmodel_name:\s*["']?(?<name>[\w./:-]+)/g)].map(({ groups }) => groups?.['name'] ?? ''),
)

/** Places whose name `--write` may replace in itself. */
export function canReplace(place: Place, move: Move): boolean {
  if (isOwnName(place)) return false
  switch (place.class) {
    case 'call':
      return true
    case 'definition':
    case 'prices':
    case 'policy':
      return place.registry === null
    case 'test':
      return place.requests.length > 0
    case 'text':
      return move.docs === true && place.segment.role === 'docs'
    case 'gate':
    case 'comment':
    case 'log':
      return false
  }
}

export interface EditPlan {
  readonly edits: readonly TextEdit[]
  readonly after: string | null
  readonly because: string | null
  readonly isListed: boolean
  /** The text that `after` replaces, if it is more than the name. */
  readonly start?: number
  readonly end?: number
}

/** Plans the change of a name: in itself, or as a new entry of its list or map. */
export function planEdit(
  place: Place,
  {
    target,
    written,
    blocked,
    move,
    reporter,
  }: {
    readonly target: Model | null
    readonly written: Respelled | null
    readonly blocked: readonly string[]
    readonly move: Move
    readonly reporter: Reporter
  },
): EditPlan {
  const none = { edits: [], after: null, because: null, isListed: false }
  if (target === null || written === null) return none
  const { name, registry, segment } = place
  if (registry !== null && place.class !== 'call' && place.class !== 'test') {
    if (isOfRetired(segment.source.text, registry.group.start))
      return { ...none, because: 'the list is about models that are out of service.', isListed: true }
    const cloned = cloneEntry(segment.source, registry.group, registry.entry, {
      model: name.model,
      target,
      day: move.day,
      pin: move.pin,
    })
    if (!cloned.ok) return { ...none, because: cloned.because, isListed: cloned.isListed === true }
    const added = scanNames(cloned.text).map((each) => each.text)
    if (!reporter.claim(`${registry.group.start}:${added.join()}`))
      return { ...none, because: `the new entry for ${target.id} is added once.`, isListed: true }
    const { entry } = registry
    const kept = segment.source.text.slice(entry.start, cloned.edit.start)
    return {
      ...none,
      edits: cloned.count === null ? [cloned.edit] : [cloned.count, cloned.edit],
      after: kept + cloned.edit.text,
      start: entry.start,
      end: cloned.edit.start,
    }
  }
  if (!canReplace(place, move)) return none
  if (!written.ok) return { ...none, because: written.because }
  const [reason] = blocked
  if (reason !== undefined) return { ...none, because: `the call would be refused: ${reason}` }
  const record = findPricedRecord(place)
  if (record !== null) {
    const changes = convertRecord(segment.source, record, {
      model: name.model,
      target,
      day: move.day,
      pin: move.pin,
    })
    if (typeof changes === 'string') return { ...none, because: changes }
    return { ...none, edits: changes, after: written.text }
  }
  return {
    edits: [{ start: name.start, end: name.end, text: written.text }],
    after: written.text,
    because: null,
    isListed: false,
  }
}

/** The record around a name that has prices beside it: `{ id: "...", input: 3, output: 15 }`, `SONNET("...", 3.0, 15.0)`. */
function findPricedRecord({ name, segment, requests }: Place): Group | null {
  const [group] = listEnclosing(segment.source, name.start)
  const old = name.model?.rateCards.at(-1)?.standard
  if (group === undefined || old === undefined || requests.length > 0 || group.kind === 'section') return null
  const prices = [old.input, old.output].map(Number)
  const numbers = group.entries.flatMap(({ value }) => value.number ?? [])
  const isPriced = prices.every((price) =>
    numbers.some((number) => [1, 1e-3, 1e-6].some((scale) => Math.abs(number / scale / price - 1) < 1e-6)),
  )
  return isPriced ? group : null
}

/** Why a name is not replaced in place: what holds it is called after the old model, or lists several. */
function explainNaming(place: Place, target: Model): string | null {
  const { name, segment } = place
  const { text, language } = segment.source
  const line = text.slice(text.lastIndexOf('\n', name.start - 1) + 1, name.start)
  if (/<\w*(?:option|item|radio)\b[^<>]*$/i.test(text.slice(Math.max(0, name.start - 200), name.start)))
    return 'The place is an entry of a list; add one for the target beside it.'
  if (/\w\[\s*["'`]$/.test(line) && /^["'`]\s*\](?!\s*[=:])/.test(text.slice(name.end, name.end + 6)))
    return 'The text is the key of a lookup; change it together with the map.'
  if (language.name === 'toml' && /^\s*\[/.test(line))
    return 'The section is about the old model; add one for the target.'
  const around =
    line +
    text.slice(name.end, text.indexOf('\n', name.end) === -1 ? undefined : text.indexOf('\n', name.end))
  const next = /^[^\n]*\n\s*\|/.test(text.slice(name.end))
  if (/^\s*(?:export\s+)?type\s+\w+[^=]*=|^\s*\|/.test(line) && (next || around.includes('|')))
    return 'The type lists models; add the target to it.'
  if (place.requests.length > 0 && place.class === 'call') return null
  const [group] = listEnclosing(segment.source, name.start)
  const index = group?.entries.findIndex(({ start, end }) => start <= name.start && name.end <= end) ?? -1
  if (group !== undefined && /\bMap\.of$/.test(group.callee) && index % 2 === 0)
    return 'The text is the key of a map; add an entry for the target.'
  if (isCompleted(name, text)) return 'Other code completes the name at run time.'
  if (isBesideName(name, text)) return 'The text lists several models; decide which of them stay.'
  const holder =
    /(?<holder>[\w"'-]+)["']?\]?\s*(?::\s*[\w&<>[\]. ]+)?\s*(?:=>|:=|[:=(,])\s*[\w.&(]*["'`(]?(?:[\w-]+[/:])*$/.exec(
      line,
    )?.groups?.['holder'] ?? ''
  if (name.form === 'undated' && isJoined(holder, text)) return 'Other code completes the name at run time.'
  // A branch of a condition: what stands before the colon is the other branch.
  if (/\?[^?]*$/.test(line) && /^["']/.test(holder)) return null
  const generation = name.model?.generation.replace('.', '[._-]?')
  if (
    generation !== undefined &&
    /^\w+$/.test(holder) &&
    /claude|opus|sonnet|haiku/i.test(holder) &&
    new RegExp(`(?<!\\d)${generation}(?![\\d.])`).test(holder)
  )
    return `${holder} is called after the old model; add one for the target.`
  // Claude Code's own setting for its model of the Haiku class (code.claude.com/docs/en/settings).
  const family = /ANTHROPIC_SMALL_FAST_MODEL/.test(holder)
    ? 'haiku'
    : /opus|sonnet|haiku|fable|mythos/i.exec(holder)?.[0].toLowerCase()
  return family === undefined || family === target.family ? null : `${holder} is for another family.`
}

/** True for one of several names in one string or one list of words: moved alike, they would be the same. */
function isBesideName({ start, end }: Name, text: string): boolean {
  const prefix = String.raw`(?:[\w-]+\/)?(?:(?:us-gov|us|eu|apac|jp|au|ca|global)\.)?(?:anthropic\.)?claude-`
  return (
    new RegExp(`^(?:[ \\t]*[,|;][ \\t]*|[ \\t]+)${prefix}`).test(text.slice(end, end + 60)) ||
    /claude-[\w.@:-]+(?:[ \t]*[,|;][ \t]*|[ \t]+)(?:[\w-]+[./])*$/.test(
      text.slice(Math.max(0, start - 80), start),
    )
  )
}

/** True if code appends something to the variable that holds a name: `BASE + "-" + date`, `${BASE}-latest`. */
function isJoined(holder: string, text: string): boolean {
  if (!/^[A-Za-z_]\w*$/.test(holder)) return false
  return new RegExp(`\\b${holder}\\b\\s*(?:\\+|\\.\\.|<>)|[{$]\\{?\\s*${holder}\\s*\\}?[-@]`).test(text)
}

/** True if the file has a date or a version that is joined to a name, or a template that puts `anthropic.` before one. */
function isCompleted({ form }: Name, text: string): boolean {
  const { hasPrefix, hasDate } = findCompletions(text)
  if (hasPrefix) return form !== 'bedrock' && form !== 'constant'
  return form === 'undated' && hasDate
}

const findCompletions = rememberLast((text) => ({
  hasPrefix: /anthropic\.(?:["'`]\s*[+.]|\$?\{|#\{|%s)|\}-v\d(?::\d)?["'`]|["'`]-v\d(?::\d)?["'`]/.test(text),
  hasDate: /(?:["'`]|\})[-@](?:20\d{6}|latest)["'`]/.test(text),
}))

/** True for a list that is called after models that nobody should use. */
function isOfRetired(text: string, start: number): boolean {
  const line = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  return /deprecat|retire|legacy|obsolete|sunset|unsupported|block|banned|denied|removed|\bold(?:_|[A-Z]|\b)/i.test(
    line,
  )
}
