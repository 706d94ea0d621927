import type { Model, Platform } from '@anthology/catalog'
import { nameOn } from '@anthology/catalog'

import type { TextEdit } from '../finding.ts'
import { findRegion } from '../find/platform.ts'
import type { Registry } from '../find/registry.ts'
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
import { explainKeptName } from './explain-kept-name.ts'
import { findMainName } from './find-main-name.ts'
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
  const kept = explainKeptName(place, target) ?? explainFallback(place, target, move)
  if (kept !== null) return { target, platform, written: { ok: false, because: kept } }
  const region = findRegion(file.text)
  const profile = region === null ? undefined : readPrefix(nameOn(target, 'bedrock', { region }))
  const written = respell(readRouted(place), target, { pin: move.pin, isCall: mayBeInvoked(place), profile })
  return { target, platform, written }
}

/** A fallback to the model that has just failed is none, and Claude Code ends with an error where both are the same. */
function explainFallback(place: Place, target: Model, move: Move): string | null {
  const main = findMainName(place)
  if (main === null) return null
  const asked = findTarget(main, move) ?? main.model
  return asked?.id === target.id
    ? `the model before it is ${target.id} too; choose another model as the fallback.`
    : null
}

/** An undated name behind `anthropic/` is OpenRouter's, which writes versions with a dot. */
function readRouted(place: Place): Name {
  const isRouted = place.name.form === 'undated' && before(place, 10).endsWith('anthropic/')
  return isRouted ? { ...place.name, form: 'dotted' } : place.name
}

/** True if Bedrock may be called with the id of a place, so that it may need a profile; a resource is never called. */
function mayBeInvoked(place: Place): boolean {
  const isValue = place.class === 'call' || place.class === 'definition' || place.class === 'test'
  const isResource =
    /(?:foundation-model\/|inference-profile\/)$/.test(before(place, 24)) ||
    /foundation_?model/i.test(before(place, 60))
  const { model } = place.name
  return isValue && !isResource && (model === null || isServedBare(model))
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
  if (entry?.name === 'model_name' && group?.entries.some((each) => each.name === 'litellm_params') === true)
    return true
  return source.text.includes('litellm_params') && listOwnNames(source.text).includes(name.text)
}

const listOwnNames = rememberLast((text) =>
  [...text.matchAll(/\bmodel_name["']?\s*[:=]\s*["']?(?<name>[\w./:-]+)/g)].map(
    ({ groups }) => groups?.['name'] ?? '',
  ),
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

interface EditOptions {
  readonly target: Model | null
  readonly written: Respelled | null
  /** The errors of the target that remain in the requests of the name. */
  readonly blocked: readonly string[]
  readonly move: Move
  readonly reporter: Reporter
}

const noEdit: EditPlan = { edits: [], after: null, because: null, isListed: false }

/** Plans the change of a name: in itself, or as a new entry of its list or map. */
export function planEdit(place: Place, options: EditOptions): EditPlan {
  const { target, written, move } = options
  const { registry } = place
  if (target === null || written === null) return noEdit
  if (registry !== null && place.class !== 'call' && place.class !== 'test')
    return planNewEntry(place, registry, target, options)
  if (!canReplace(place, move)) return noEdit
  if (!written.ok) return { ...noEdit, because: written.because }
  const [reason] = options.blocked
  if (reason !== undefined) return { ...noEdit, because: `the call would be refused: ${reason}` }
  return planReplacement(place, target, written.text, move)
}

/** Adds an entry for the target beside the one of the old model. */
function planNewEntry(
  { name, segment: { source } }: Place,
  { group, entry }: Registry,
  target: Model,
  { move, reporter }: EditOptions,
): EditPlan {
  const kept = (because: string): EditPlan => ({ ...noEdit, because, isListed: true })
  if (isOfRetired(source.text, group.start)) return kept('the list is about models that are out of service.')
  const cloned = cloneEntry(source, group, entry, {
    model: name.model,
    target,
    day: move.day,
    pin: move.pin,
  })
  if (!cloned.ok) return { ...noEdit, because: cloned.because, isListed: cloned.isListed === true }
  // Several old models of a list move to the same target.
  const added = scanNames(cloned.text).map((each) => each.text)
  if (!reporter.claim(`${group.start}:${added.join()}`))
    return kept(`the new entry for ${target.id} is added once.`)
  return {
    ...noEdit,
    edits: cloned.count === null ? [cloned.edit] : [cloned.count, cloned.edit],
    after: source.text.slice(entry.start, cloned.edit.start) + cloned.edit.text,
    start: entry.start,
    end: cloned.edit.start,
  }
}

/** Replaces a name, and the prices of a record around it. */
function planReplacement(place: Place, target: Model, text: string, move: Move): EditPlan {
  const { name, segment } = place
  const info = findModelInfo(place)
  const record = info ?? findPricedRecord(place)
  const edit = { start: name.start, end: name.end, text }
  if (record === null) return { ...noEdit, edits: [edit], after: text }
  const edits = convertRecord(segment.source, record, {
    model: name.model,
    target,
    day: move.day,
    pin: move.pin,
  })
  if (typeof edits === 'string') return { ...noEdit, because: edits }
  return { ...noEdit, edits: info === null ? edits : [edit, ...edits], after: text }
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

/** The prices of a deployment of LiteLLM, which it bills by: `model_info` beside `litellm_params`. */
function findModelInfo({ name, segment }: Place): Group | null {
  const [, deployment] = listEnclosing(segment.source, name.start)
  if (deployment === undefined || findEntry(deployment, name.start)?.name !== 'litellm_params') return null
  const info = deployment.entries.find((entry) => entry.name === 'model_info')?.value.group ?? null
  return info?.entries.some((entry) => /_cost_per_/.test(entry.name ?? '')) === true ? info : null
}

/** A word of a variable or member that holds models out of service: `DEPRECATED_MODELS`, `blocked:`, `old_ids`. */
const retiredWord =
  /deprecat|retire|legacy|obsolete|sunset|unsupported|block|banned|denied|removed|\bold(?:_|[A-Z]|\b)/i

/** True for a list that is called after models that nobody should use. */
function isOfRetired(text: string, start: number): boolean {
  return retiredWord.test(text.slice(text.lastIndexOf('\n', start - 1) + 1, start))
}
