import { aliasTarget, aliases, claudeCodeNames } from './aliases.ts'
import { getDay } from '../day.ts'
import { statusOn } from '../lifecycle/lifecycle.ts'
import { removeDate } from '../models/defaults/platform-ids.ts'
import type { Model, Platform } from '../model.ts'
import { models } from '../models.ts'
import {
  findId,
  findRetired,
  findShown,
  findSpelled,
  findSpelledAlias,
  findUndatedOnVertex,
  foldDisplayName,
  foldName,
  listIds,
} from './name-index.ts'
import type { NameKind, Named } from './name-index.ts'
import type { RetiredId } from './retired-ids.ts'
import { readSpelling } from './spelling.ts'
import type { Spelling } from './spelling.ts'
import { suggestNames } from './suggestion.ts'
import { findWrongVersion } from './wrong-version.ts'

/** `canonical` is the model's pinned id; `suggestions` are ids that resolve, the likeliest first. */
export type Resolution =
  | {
      readonly ok: true
      readonly model: Model
      readonly as: NameKind
      readonly canonical: string
      /** The name requests the window of a million tokens, in Claude Code's notation. */
      readonly window?: '1m'
      /** The prefix of the given Bedrock inference profile. */
      readonly profile?: string
    }
  | Unresolved

export interface Unresolved {
  readonly ok: false
  /** `opaque`: the name is valid on its platform, but does not contain its model. */
  readonly because: 'unknown' | 'ambiguous' | 'retired' | 'opaque'
  readonly suggestions: readonly string[]
  /** The reason, if there is more to it than an unknown name. */
  readonly detail?: string
  /** Known facts of an id that was retired before the catalog's models. */
  readonly retired?: RetiredId
}

export interface ResolveOptions {
  /** The preferred platform, if one text is a name on several. */
  readonly platform?: Platform | undefined
  /** The day on which an alias is resolved; default today. */
  readonly asOf?: string | undefined
  /** Names of the caller's own, such as ARNs, and the names of their models. They precede all others. */
  readonly aliases?: ReadonlyMap<string, string> | undefined
}

/**
 * Finds the model for a name, on any platform and in any spelling that identifies exactly one model. A bad `asOf`
 * throws; a name never does.
 *
 * `resolve('us.anthropic.claude-opus-4-20250514-v1:0')` is Opus 4, as `bedrock`.
 */
export function resolve(name: string, options: ResolveOptions = {}): Resolution {
  const day = getDay(options.asOf)
  // The name is outside input, so its type is not guaranteed. The Messages API accepts at most 256
  // characters.
  if (typeof name !== 'string' || name.length > maxNameLength) return unknown([])
  const spelling = readSpelling(name)
  const target = options.aliases && findOwn(options.aliases, name, spelling)
  if (target !== undefined) return asOwnAlias(resolve(target, { asOf: day }), spelling)
  if (spelling.opaque !== null)
    return { ok: false, because: 'opaque', suggestions: [], detail: spelling.opaque }
  const found = findNamed(spelling.name, options.platform, day)
  if (found === undefined) return explainMissing(name, spelling)
  if (!isNamed(found)) return ambiguous(found)
  if (spelling.variant !== null) return { ...unknown([found.model.id]), detail: spelling.variant }
  return toResolution(found, spelling)
}

const maxNameLength = 256

function findOwn(own: ReadonlyMap<string, string>, name: string, { routed }: Spelling): string | undefined {
  return own.get(name) ?? own.get(routed)
}

/** The window can be requested by the alias and by its target. */
function asOwnAlias(resolution: Resolution, { window }: Spelling): Resolution {
  if (!resolution.ok) return resolution
  return { ...resolution, as: 'own_alias', ...(window === null ? {} : { window }) }
}

function toResolution({ model, as }: Named, { window, profile }: Spelling): Resolution {
  return {
    ok: true,
    model,
    as,
    canonical: model.id,
    ...(window === null ? {} : { window }),
    ...(profile === null ? {} : { profile }),
  }
}

/** Returns one model, the models of an ambiguous name, or undefined. */
function findNamed(
  name: string,
  platform: Platform | undefined,
  day: string,
): Named | readonly Model[] | undefined {
  const exact = findExact(name, platform, day) ?? findBehindPrefix(name, day)
  if (exact !== undefined) return exact
  const shown = findShown(name)
  if (shown.length > 0) return onlyOne(shown, 'display_name')
  const alias = aliasOn(findSpelledAlias(name) ?? '', day)
  if (alias !== undefined) return { ...alias, as: 'spelling' }
  const { versionless, isGoogles } = removeMovingVersion(name)
  const onVertex = isGoogles || platform === 'vertex' ? findUndatedOnVertex(versionless) : undefined
  if (onVertex !== undefined) return { model: onVertex, as: isGoogles ? 'vertex' : 'spelling' }
  const spelled = findSpelled(versionless)
  if (spelled.length > 0) return onlyOne(spelled, 'spelling')
  const family = models.filter(
    (model) => model.family === foldName(versionless) && statusOn(model, day) === 'active',
  )
  return family.length > 0 ? family : undefined
}

function isNamed(found: Named | readonly Model[]): found is Named {
  return 'as' in found
}

function onlyOne(found: readonly Model[], as: NameKind): Named | readonly Model[] {
  const [only] = found
  return only !== undefined && found.length === 1 ? { model: only, as } : found
}

function findExact(name: string, platform: Platform | undefined, day: string): Named | undefined {
  const alias = aliasOn(name, day)
  if (alias !== undefined && (platform ?? 'anthropic') === 'anthropic') return alias
  return findId(name, platform) ?? alias
}

function aliasOn(name: string, day: string): Named | undefined {
  const moving = claudeCodeNames.get(name.toLowerCase())
  const target = aliasTarget(aliases.get(name) ?? moving ?? [], day)
  const model = target && byId.get(target.model)
  return model && { model, as: moving === undefined ? 'alias' : 'claude_code' }
}

/** Bedrock's Messages endpoint writes an id of the Claude API with the prefix `anthropic.`. */
function findBehindPrefix(name: string, day: string): Named | undefined {
  if (!name.startsWith('anthropic.')) return undefined
  const named = findExact(name.slice('anthropic.'.length), undefined, day)
  return named && named.as !== 'claude_code' ? { ...named, as: 'bedrock' } : undefined
}

/**
 * Google Cloud's versions `@default` and `@latest` and the ending `-latest` mean the model of the name before them,
 * because no name without a date has more than one version there.
 */
function removeMovingVersion(name: string): { readonly versionless: string; readonly isGoogles: boolean } {
  const versionless = name.replace(/(?:-latest|@latest|@default)$/i, '')
  return { versionless, isGoogles: name.includes('@') && versionless !== name }
}

function explainMissing(name: string, spelling: Spelling): Unresolved {
  const retired = findRetired(removeMovingVersion(spelling.name).versionless)
  if (retired !== undefined) return toRetired(retired)
  const wrong = findWrongVersion(spelling.name)
  if (wrong !== null) return { ...unknown(wrong.suggestions), ...(wrong.detail && { detail: wrong.detail }) }
  const begun = findLongestBeginning(spelling.name).map(({ id }) => id)
  const similar = suggestNames(spelling.name === '' ? name : spelling.name, candidates)
  return unknown(begun.length > 0 ? begun : similar)
}

/** Finds the models of a name to which an app has appended a word, such as `claude-4-sonnet-thinking`. */
function findLongestBeginning(name: string): readonly Model[] {
  const ends = [...name.matchAll(/[-_@: ](?=[a-z]|\d{3})/gi)].map(({ index }) => index)
  for (const end of ends.toReversed()) {
    const found = findSpelled(name.slice(0, end))
    if (found.length > 0) return found
  }
  return []
}

function unknown(suggestions: readonly string[]): Unresolved {
  return { ok: false, because: 'unknown', suggestions }
}

function ambiguous(choices: readonly Model[]): Unresolved {
  return { ok: false, because: 'ambiguous', suggestions: choices.map((model) => model.id) }
}

function toRetired(retired: RetiredId): Unresolved {
  return {
    ok: false,
    because: 'retired',
    suggestions: [retired.replacement],
    detail: `${retired.id} was retired on ${retired.retired}; its replacement is ${retired.replacement}.`,
    retired,
  }
}

const byId: ReadonlyMap<string, Model> = new Map(models.map((model) => [model.id, model]))

const candidates = models.map((model) => ({
  ids: [...new Set([...model.aliases, ...listIds(model).map(([id]) => id)])],
  displayNames: [
    model.name,
    model.displayName,
    foldDisplayName(model.name),
    model.family,
    removeDate(model.id),
  ],
}))
