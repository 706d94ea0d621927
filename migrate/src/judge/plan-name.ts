import type { Model, Platform } from '@anthology/catalog'
import { nameOn } from '@anthology/catalog'

import type { TextEdit } from '../finding.ts'
import { findPlatform, findRegion } from '../find/platform.ts'
import type { Place, ScannedFile } from '../find/scan-file.ts'
import type { Move } from '../move.ts'
import type { Name } from '../names/name.ts'
import { respell } from '../names/respell.ts'
import { rememberLast } from '../syntax/last-text.ts'
import type { Respelled } from '../names/respell.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { cloneEntry } from './clone-entry.ts'
import { findTarget } from './describe-name.ts'
import type { Reporter } from './reporter.ts'

export interface NamePlan {
  readonly target: Model | null
  readonly platform: Platform
  readonly written: Respelled | null
}

/** Finds the target of a name and its spelling there. */
export function planName(file: ScannedFile, place: Place, move: Move): NamePlan {
  const { name } = place
  const platform = findPlatform(name, file.text, move.platform)
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
  return (
    entry?.name === 'model_name' && group?.entries.some((each) => each.name === 'litellm_params') === true
  )
}

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
    if (!reporter.claim(`${registry.group.start}:${written.ok ? written.text : cloned.text}`))
      return { ...none, because: `the new entry for ${target.id} is added once.`, isListed: true }
    const { entry } = registry
    const kept = segment.source.text.slice(entry.start, cloned.edit.start)
    return {
      ...none,
      edits: [cloned.edit],
      after: kept + cloned.edit.text,
      start: entry.start,
      end: cloned.edit.start,
    }
  }
  if (!canReplace(place, move)) return none
  if (!written.ok) return { ...none, because: written.because }
  const [reason] = blocked
  if (reason !== undefined) return { ...none, because: `the call would be refused: ${reason}` }
  return {
    edits: [{ start: name.start, end: name.end, text: written.text }],
    after: written.text,
    because: null,
    isListed: false,
  }
}

/** Why a name is not replaced in place: what holds it is called after the old model, or lists several. */
function explainNaming(place: Place, target: Model): string | null {
  const { name, segment } = place
  const { text, language } = segment.source
  if (language.name === 'sql') return 'Rows that exist already keep the old name; write a migration.'
  const line = text.slice(text.lastIndexOf('\n', name.start - 1) + 1, name.start)
  if (/<\w*(?:option|item|radio)\b[^<>]*$/i.test(text.slice(Math.max(0, name.start - 200), name.start)))
    return 'The place is an entry of a list; add one for the target beside it.'
  if (/\w\[\s*["'`]$/.test(line) && /^["'`]\s*\](?!\s*[=:])/.test(text.slice(name.end, name.end + 6)))
    return 'The text is the key of a lookup; change it together with the map.'
  const around =
    line +
    text.slice(name.end, text.indexOf('\n', name.end) === -1 ? undefined : text.indexOf('\n', name.end))
  const next = /^[^\n]*\n\s*\|/.test(text.slice(name.end))
  if (/^\s*(?:export\s+)?type\s+\w+[^=]*=|^\s*\|/.test(line) && (next || around.includes('|')))
    return 'The type lists models; add the target to it.'
  if (place.requests.length > 0 && place.class === 'call') return null
  if (isCompleted(name, text)) return 'Other code completes the name at run time.'
  const holder =
    /(?<holder>[\w"'-]+)["']?\]?\s*(?::\s*[\w&<>[\]. ]+)?\s*(?:=>|:=|[:=(,])\s*[\w.&(]*["'`(]?(?:[\w-]+[/:])*$/.exec(
      line,
    )?.groups?.['holder'] ?? ''
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
  const family = /opus|sonnet|haiku|fable|mythos/i.exec(holder)?.[0].toLowerCase()
  return family === undefined || family === target.family ? null : `${holder} is called after another family.`
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
