import type { Model } from '@anthology/catalog'

import { isDeniedResource } from '../find/policy.ts'
import type { Place } from '../find/scan-file.ts'
import type { Name } from '../names/name.ts'
import { findEntry, listEnclosing } from '../syntax/enclosing.ts'
import { rememberLast } from '../syntax/last-text.ts'

/** A name in its text. */
interface Surroundings {
  readonly place: Place
  readonly name: Name
  readonly text: string
  /** The line of the name, before it and behind it. */
  readonly before: string
  readonly after: string
}

interface Reason {
  readonly applies: (surroundings: Surroundings) => boolean
  readonly because: string
}

const completedElsewhere = 'Other code completes the name at run time.'

/** Reasons that hold for every name: the text around it defines or looks up the old model. */
const reasonsOfSyntax: readonly Reason[] = [
  {
    applies: isChoiceInMarkup,
    because: 'The place is an entry of a list; add one for the target beside it.',
  },
  { applies: isLookupKey, because: 'The text is the key of a lookup; change it together with the map.' },
  { applies: isTomlSection, because: 'The section is about the old model; add one for the target.' },
  { applies: isDenied, because: 'The policy denies the model; decide whether it shall deny the target too.' },
  { applies: isTypeMember, because: 'The type lists models; add the target to it.' },
]

/** Reasons that other code or the neighbours of a name give. */
const reasonsOfUse: readonly Reason[] = [
  { applies: isMapOfKey, because: 'The text is the key of a map; add an entry for the target.' },
  { applies: isCompleted, because: completedElsewhere },
  { applies: isBesideName, because: 'The text lists several models; decide which of them stay.' },
]

/** Explains why a name is not replaced in place: its holder is called after the old model, or lists several. */
export function explainKeptName(place: Place, target: Model): string | null {
  const surroundings = describeSurroundings(place)
  const bySyntax = findReason(reasonsOfSyntax, surroundings)
  if (bySyntax !== null) return bySyntax
  // The model of a call moves with the call, whatever its variable is called.
  if (place.requests.length > 0 && place.class === 'call') return null
  return findReason(reasonsOfUse, surroundings) ?? explainHolder(surroundings, target)
}

function describeSurroundings(place: Place): Surroundings {
  const { name, segment } = place
  const { text } = segment.source
  const lineEnd = text.indexOf('\n', name.end)
  return {
    place,
    name,
    text,
    before: text.slice(text.lastIndexOf('\n', name.start - 1) + 1, name.start),
    after: text.slice(name.end, lineEnd === -1 ? undefined : lineEnd),
  }
}

function findReason(reasons: readonly Reason[], surroundings: Surroundings): string | null {
  return reasons.find(({ applies }) => applies(surroundings))?.because ?? null
}

/** `<option value="...">`, which may have its attributes on several lines. */
function isChoiceInMarkup({ text, name }: Surroundings): boolean {
  return /<\w*(?:option|item|radio)\b[^<>]*$/i.test(text.slice(Math.max(0, name.start - 200), name.start))
}

/** `PRICES["..."]`, unless it is assigned: `PRICES["..."] = 3`. */
function isLookupKey({ text, name, before }: Surroundings): boolean {
  return /\w\[\s*["'`]$/.test(before) && /^["'`]\s*\](?!\s*[=:])/.test(text.slice(name.end, name.end + 6))
}

/** `[models."..."]` */
function isTomlSection({ place, before }: Surroundings): boolean {
  return place.segment.source.language.name === 'toml' && /^\s*\[/.test(before)
}

/** A resource that a statement of a policy denies: the target would be locked out. */
export function isDenied({ place }: Pick<Surroundings, 'place'>): boolean {
  return place.class === 'policy' && isDeniedResource(place.segment.source, place.name.start)
}

/** The start of a type, or of one of its lines: `type Model = `, `  | `. */
const typeBefore = /^\s*(?:export\s+)?type\s+\w+[^=]*=|^\s*\|/

/** A member of a union of strings in TypeScript, on one line or on several. */
function isTypeMember({ text, name, before, after }: Surroundings): boolean {
  if (!typeBefore.test(before)) return false
  return before.includes('|') || after.includes('|') || /^[^\n]*\n\s*\|/.test(text.slice(name.end))
}

/** Every other argument of `Map.of(key, value, key, value)` is a key. */
function isMapOfKey({ place, name }: Surroundings): boolean {
  const [group] = listEnclosing(place.segment.source, name.start)
  if (group === undefined || !/\bMap\.of$/.test(group.callee)) return false
  const index = group.entries.findIndex(({ start, end }) => start <= name.start && name.end <= end)
  return index % 2 === 0
}

/** True if the file has a date or a version that is joined to a name, or a template that puts `anthropic.` before one. */
function isCompleted({ name: { form }, text }: Surroundings): boolean {
  const { hasPrefix, hasDate } = findCompletions(text)
  if (hasPrefix) return form !== 'bedrock' && form !== 'constant'
  return form === 'undated' && hasDate
}

/** A template or a sum that makes an id of Bedrock: `anthropic.${`, `"anthropic." +`, `}-v1:0"`. */
const bedrockTemplate = /anthropic\.(?:["'`]\s*[+.]|\$?\{|#\{|%s)|\}-v\d(?::\d)?["'`]|["'`]-v\d(?::\d)?["'`]/

/** The end of a name that is appended: `"-20250805"`, `}-latest"`, `"@20250805"`. */
const appendedDate = /(?:["'`]|\})[-@](?:20\d{6}|latest)["'`]/

const findCompletions = rememberLast((text) => ({
  hasPrefix: bedrockTemplate.test(text),
  hasDate: appendedDate.test(text),
}))

/** Another name behind this one: `, claude-...`, ` us.anthropic.claude-...`. */
const nameBehind =
  /^(?:[ \t]*[,|;][ \t]*|[ \t]+)(?:[\w-]+\/)?(?:(?:us-gov|us|eu|apac|jp|au|ca|global)\.)?(?:anthropic\.)?claude-/

/** Another name before this one: `claude-..., `, `claude-... us.anthropic.`. */
const nameBefore = /claude-[\w.@:-]+(?:[ \t]*[,|;][ \t]*|[ \t]+)(?:[\w-]+[./])*$/

/** True for one of several names in one string or one list of words: moved alike, they would be the same. */
function isBesideName({ name: { start, end }, text }: Surroundings): boolean {
  return (
    nameBehind.test(text.slice(end, end + 60)) || nameBefore.test(text.slice(Math.max(0, start - 80), start))
  )
}

/** The variable, member or parameter of a value, before it: `OPUS = `, `"opus": `, `opus: str = "`. */
const holderBefore =
  /(?<holder>[\w"'-]+)["']?\]?\s*(?::\s*[\w&<>[\]. ]+)?\s*(?:=>|:=|[:=(,])\s*[\w.&(]*["'`(]?(?:[\w-]+[/:])*$/

/** The variable of an environment in YAML or JSON: `- name: CHAT_MODEL`, `value: claude-...`. */
function findVariable({ name, segment: { source } }: Place): string | null {
  const [group] = listEnclosing(source, name.start)
  if (group === undefined || findEntry(group, name.start)?.name !== 'value') return null
  return group.entries.find((each) => /^name$/i.test(each.name ?? ''))?.value.text ?? null
}

/** A holder that is called after the old model or another family would name the wrong model after the move. */
function explainHolder({ place, name, text, before }: Surroundings, target: Model): string | null {
  const holder = findVariable(place) ?? holderBefore.exec(before)?.groups?.['holder'] ?? ''
  if (name.form === 'undated' && isJoined(holder, text)) return completedElsewhere
  if (isOtherBranch(holder, before)) return null
  if (isCalledAfter(holder, name.model))
    return `${holder} is called after the old model; add one for the target.`
  const family = findFamily(holder)
  return family === undefined || family === target.family ? null : `${holder} is for another family.`
}

/** The family that the name of a variable or member is for; undefined: for any. */
function findFamily(holder: string): string | undefined {
  // Claude Code's own setting for its model of the Haiku class (code.claude.com/docs/en/settings).
  if (holder.includes('ANTHROPIC_SMALL_FAST_MODEL')) return 'haiku'
  return /opus|sonnet|haiku|fable|mythos/i.exec(holder)?.[0].toLowerCase()
}

/** True if code appends something to the variable that holds a name: `BASE + "-" + date`, `${BASE}-latest`. */
function isJoined(holder: string, text: string): boolean {
  if (!/^[A-Za-z_]\w*$/.test(holder)) return false
  return new RegExp(`\\b${holder}\\b\\s*(?:\\+|\\.\\.|<>)|[{$]\\{?\\s*${holder}\\s*\\}?[-@]`).test(text)
}

/** A branch of a condition, as in `fast ? "claude-haiku-..." : "..."`: the text before the colon is the other branch. */
function isOtherBranch(holder: string, before: string): boolean {
  return /\?[^?]*$/.test(before) && /^["']/.test(holder)
}

/** `SONNET_4_5` and `sonnet45` are called after Claude Sonnet 4.5. */
function isCalledAfter(holder: string, model: Model | null): boolean {
  if (model === null || !/^\w+$/.test(holder) || !/claude|opus|sonnet|haiku/i.test(holder)) return false
  const generation = model.generation.replace('.', '[._-]?')
  return new RegExp(`(?<!\\d)${generation}(?![\\d.])`).test(holder)
}
