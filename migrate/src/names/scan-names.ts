import { resolve as resolveName } from '@anthology/catalog'
import type { Resolution, Unresolved } from '@anthology/catalog'

import { rememberAll } from '../syntax/last-text.ts'
import type { Name, NameForm } from './name.ts'

/** Names repeat within a tree, and one that does not resolve is compared with all others. */
const resolve = rememberAll((name) => resolveName(name))

const families = 'opus|sonnet|haiku|fable|mythos|instant'
const version = String.raw`v?\d{1,2}(?:[.-]\d{1,2})?(?![\d])`
const date = String.raw`[-@](?:20\d{6}|20\d\d-\d\d-\d\d|latest|default)`

/** A name of any platform. The prefixes of routers stay outside, because they stay as they are. */
const idForm = new RegExp(
  String.raw`(?<!\w)(?<!(?<!:)-)(?:(?:us-gov|us|eu|apac|jp|au|ca|global)\.(?=anthropic))?(?:anthropic\.)?` +
    String.raw`claude(?:-(?:${version}|${families}|preview))+` +
    String.raw`(?:-v\d(?=@))?(?:${date})?(?:-v\d(?::\d+(?::\d+k)?)?|(?<=claude-v\d):\d+)?` +
    String.raw`(?:-fast)?(?:\[1m\])?(?::(?:beta|thinking|nitro|floor|extended|online|free))?`,
  'gi',
)

const displayForm = new RegExp(
  String.raw`\bClaude[ \u00a0](?:(?:${families})[ \u00a0]\d(?:\.\d)?|\d(?:\.\d)?[ \u00a0](?:${families}))\b(?!\.\d)`,
  'gi',
)

/** Typed constants of the SDKs of Anthropic, and of two other libraries. */
const constantForm =
  /(?<![\w$])(?:anthropic\.ModelClaude\w+|ModelClaude\d?\w+|(?:Anthropic::)?(?:Models?(?:\.|::))C(?:laude|LAUDE_)\w+|AnthropicChatModelName\.CLAUDE_\w+|(?:AnthropicModels|ClaudeModels?|AnthropicModel)(?:\.|::)C(?:laude|LAUDE_)\w+)/g

/** Finds every name of a model in a text, in order. */
export function scanNames(text: string): readonly Name[] {
  const found = [
    ...scan(text, idForm, readId),
    ...scan(text, displayForm, readDisplay),
    ...scan(text, constantForm, readConstant),
    ...listImportedConstants(text),
  ]
  return found.sort((one, other) => one.start - other.start)
}

/** The uses of constants that Java imports by their names. */
function listImportedConstants(text: string): readonly Name[] {
  if (!text.includes('import static')) return []
  return [...text.matchAll(/^import static [\w.]+\.(?<constant>CLAUDE_\w+);/gm)].flatMap(({ groups }) =>
    scan(text, new RegExp(`(?<![\\w.$])${groups?.['constant'] ?? ''}(?![\\w$])`, 'g'), readConstant),
  )
}

function scan(
  text: string,
  form: RegExp,
  read: (found: string, text: string, at: number) => Name | null,
): Name[] {
  return [...text.matchAll(form)].flatMap(({ 0: found, index }) => {
    const name = read(found, text, index)
    return name === null ? [] : [name]
  })
}

function readId(found: string, text: string, at: number): Name | null {
  const after = text.slice(at + found.length, at + found.length + 24)
  // Half a name: the rest is a wildcard or is computed at run time, which other rules report.
  if (/^(?:[-@.]?(?:[*{$%[(?]|\\(?!["'`nrt]))|-$|-["'`])/.test(after) || /^[A-Za-z0-9_]/.test(after))
    return null
  if (/^-[A-Za-z0-9]/.test(after)) return readSuffixed(found, after, at)
  if (/^\.(?:json|jsonl|ya?ml|md|mdx|txt|html?|tsx?|jsx?|py|go|rb|png|svg|log|csv|toml)\b/i.test(after))
    return null
  const name = createName(found, at)
  return name === null ? null : markRouted(name, text)
}

/** OpenRouter and Vercel write `anthropic/claude-sonnet-4`, and versions of two numbers with a dot. */
function markRouted(name: Name, text: string): Name {
  const isRouted =
    name.form === 'undated' && text.slice(Math.max(0, name.start - 10), name.start).endsWith('anthropic/')
  if (!isRouted) return name
  return /\d-\d/.test(name.text)
    ? {
        ...name,
        form: 'dotted',
        fixed: 'No router knows this name: versions have a dot there, and ids of the API a date.',
      }
    : { ...name, form: 'dotted' }
}

/** A name to which an application has appended a word; it is not a name of the API. */
function readSuffixed(found: string, after: string, at: number): Name | null {
  const suffix =
    /^-(?<suffix>thinking|fast|1m|\d+k|bedrock|vertex|max|reasoning|high|low|medium|extended)\b/i.exec(after)
  if (suffix === null) return null
  const name = createName(found, at)
  if (name === null || !name.known) return null
  const text = found + suffix[0]
  return {
    ...name,
    text,
    end: at + text.length,
    fixed: `The ending ${suffix[0]} is not part of a name of the API.`,
  }
}

/**
 * A family, or a version that is the whole name of an old model: `claude-2.1`, `claude-v1`. A later version alone is no
 * model: `claude-3`, `claude-4-5`.
 */
const namesModel = new RegExp(`${families}|claude-(?:v?[12](?:[.:]\\d)?(?!\\d)|v\\d)`, 'i')

function createName(text: string, start: number): Name | null {
  if (!namesModel.test(text)) return null
  const written: WrittenName = { text, start, end: start + text.length, profile: readProfile(text) }
  const resolved = resolve(text)
  if (resolved.ok) return createResolved(written, resolved)
  const { retired } = resolved
  if (retired === undefined) return createUnresolved(written, resolved)
  const form = text.toLowerCase() === retired.id ? 'id' : getForm(text, 'id')
  return { ...written, form, model: null, retired, known: true, fixed: null, suggestions: [] }
}

type WrittenName = Pick<Name, 'text' | 'start' | 'end' | 'profile'>

function createResolved(written: WrittenName, { model, as }: Extract<Resolution, { ok: true }>): Name {
  const { text } = written
  const name = { ...written, form: getForm(text, as), retired: null }
  // Before Claude 4 the version stands in front of the family: `claude-haiku-3` is a name of nobody.
  const isSwapped =
    name.form === 'undated' && Number.parseFloat(model.generation) < 4 && /^claude-[a-z]+-\d/.test(text)
  if (isSwapped) return { ...name, model: null, known: false, fixed: null, suggestions: [model.id] }
  const fixed = text.endsWith('[1m]') ? 'The ending [1m] is not part of a name of the API.' : null
  return { ...name, model, known: true, fixed, suggestions: [] }
}

/** A name that leads to a model by its suggestions only. Null: it is too short to be one. */
function createUnresolved(written: WrittenName, { because, suggestions, detail }: Unresolved): Name | null {
  const { text } = written
  const likeliest = resolve(suggestions[0] ?? '')
  const model = likeliest.ok ? likeliest.model : null
  const hasVersion = /\d/.test(text)
  const name = { ...written, retired: null, suggestions, fixed: null }
  if (because === 'ambiguous')
    return hasVersion && model !== null
      ? { ...name, form: getForm(text, 'spelling'), model, known: true }
      : null
  // A variant of OpenRouter, such as `:thinking`.
  if (/:[a-z]+$/.test(text) && model !== null)
    return { ...name, form: 'dotted', model, known: true, fixed: detail ?? null }
  return hasVersion ? { ...name, form: getForm(text, 'spelling'), model: null, known: false } : null
}

function readProfile(text: string): string | null {
  return /^(?<profile>[a-z-]+)\.anthropic\./i.exec(text)?.groups?.['profile']?.toLowerCase() ?? null
}

function getForm(text: string, as: string): NameForm {
  if (/anthropic\./i.test(text))
    return /-v\d(?::\d+)?/.test(text) || /\d{8}/.test(text) ? 'bedrock' : getPlainBedrock(text)
  if (/-v\d:\d+$/.test(text)) return 'bedrock'
  if (text.includes('@')) return 'vertex'
  if (/\d\.\d/.test(text)) return 'dotted'
  if (as === 'alias' || text.endsWith('-latest')) return 'alias'
  return as === 'id' || as === 'other_id' || as === 'foundry' ? 'id' : 'undated'
}

/** From 4.7 on the id of the runtime has neither date nor version; before, that form is the Messages endpoint's. */
function getPlainBedrock(text: string): NameForm {
  const bare = text.replace(/^.*anthropic\./i, '')
  const found = resolve(`anthropic.${bare}`)
  return found.ok && found.model.platforms.bedrock !== `anthropic.${bare}` && readProfile(text) === null
    ? 'mantle'
    : 'bedrock'
}

function readDisplay(text: string, _whole: string, start: number): Name | null {
  const name = text.replaceAll('\u00a0', ' ')
  const resolved = resolve(name)
  const base = { text, start, end: start + text.length, form: 'display' as const, profile: null, fixed: null }
  const rest = { ...base, suggestions: [], known: true }
  if (resolved.ok) return { ...rest, model: resolved.model, retired: null }
  if (resolved.retired !== undefined) return { ...rest, model: null, retired: resolved.retired }
  const first = resolve(resolved.suggestions[0] ?? '')
  // `Claude Sonnet 3.5` is the name of two snapshots.
  return resolved.because === 'ambiguous' && first.ok ? { ...rest, model: first.model, retired: null } : null
}

function readConstant(text: string, _whole: string, start: number): Name | null {
  const constant = /C(?:laude|LAUDE)\w*$/.exec(text)?.[0] ?? ''
  const kebab = toKebab(constant)
  // `Claude35Sonnet` writes 3.5 without a mark.
  const resolved = [kebab, kebab.replace(/(\d)(\d)(?!\d)/, '$1-$2')]
    .map((name) => resolve(name))
    .map((found) => (found.ok || found.because !== 'ambiguous' ? found : resolve(found.suggestions[0] ?? '')))
    .find((found) => found.ok || found.retired !== undefined)
  if (resolved === undefined) return null
  const isOurs = /^(?:anthropic\.ModelClaude|ModelClaude|(?:Anthropic::)?Models?(?:\.|::))/.test(text)
  return {
    text,
    start,
    end: start + text.length,
    form: 'constant',
    model: resolved.ok ? resolved.model : null,
    retired: resolved.ok ? null : (resolved.retired ?? null),
    profile: null,
    fixed: isOurs
      ? null
      : 'This library has constants of its own; whether it has one for the target is not known.',
    suggestions: [],
    known: true,
  }
}

/** `Claude3_7SonnetLatest` and `CLAUDE_3_7_SONNET_LATEST` are `claude-3-7-sonnet-latest`. */
export function toKebab(constant: string): string {
  return constant
    .replaceAll('_', '-')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/([A-Za-z])(\d)/g, '$1-$2')
    .replaceAll(/(\d)([A-Za-z])/g, '$1-$2')
    .replaceAll(/--+/g, '-')
    .toLowerCase()
}
