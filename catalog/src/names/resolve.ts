import { aliasTarget, aliases, claudeCodeNames } from './aliases.ts'
import { getDay } from '../day.ts'
import { statusOn } from '../lifecycle/lifecycle.ts'
import type { Model, Platform } from '../model.ts'
import { models } from '../models.ts'
import { retiredIds } from './retired-ids.ts'
import type { RetiredId } from './retired-ids.ts'
import { readSpelling } from './spelling.ts'
import type { Spelling } from './spelling.ts'
import { suggestNames } from './suggestion.ts'

/** The kind of the given name. */
export type NameKind =
  | 'id'
  | 'alias'
  | 'other_id'
  | 'bedrock'
  | 'vertex'
  | 'foundry'
  | 'display_name'
  | 'claude_code'

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
  | {
      readonly ok: false
      readonly because: 'unknown' | 'ambiguous' | 'retired'
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
}

/**
 * Finds the model for a name, on any platform and in any spelling. Ids match exactly; display names match
 * regardless of case and of a leading "Claude". A bad `asOf` throws; a name never does.
 *
 * `resolve('us.anthropic.claude-opus-4-20250514-v1:0')` is Opus 4, as `bedrock`.
 */
export function resolve(name: string, options: ResolveOptions = {}): Resolution {
  const day = getDay(options.asOf)
  // The name is outside input, so its type is not guaranteed. The Messages API accepts at most 256
  // characters.
  if (typeof name !== 'string' || name.length > maxNameLength) return unknown([])
  const spelling = readSpelling(name)
  if (spelling.opaque !== null) return { ...unknown([]), detail: spelling.opaque }
  const named = findExact(spelling.name, options.platform, day) ?? findBehindPrefix(spelling.name, day)
  if (named !== undefined) return found(named, spelling)
  return byShownName(name, spelling, day)
}

const maxNameLength = 256

interface Named {
  readonly model: Model
  readonly as: NameKind
}

function found({ model, as }: Named, { window, profile }: Spelling): Resolution {
  return {
    ok: true,
    model,
    as,
    canonical: model.id,
    ...(window === null ? {} : { window }),
    ...(profile === null ? {} : { profile }),
  }
}

function unknown(suggestions: readonly string[]): Resolution & { readonly ok: false } {
  return { ok: false, because: 'unknown', suggestions }
}

function findExact(name: string, platform: Platform | undefined, day: string): Named | undefined {
  const alias = aliasOn(name, day)
  if (alias !== undefined && (platform ?? 'anthropic') === 'anthropic') return alias
  const all = byName.get(name) ?? []
  const [first] = all
  const there = all.find(({ as }) => as === platform)
  return there ?? first ?? alias
}

function aliasOn(name: string, day: string): Named | undefined {
  const moving = claudeCodeNames.get(name)
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

/** Looks up the display name, then the retired ids, then suggestions. */
function byShownName(name: string, spelling: Spelling, day: string): Resolution {
  const shown = foldDisplayName(spelling.name)
  const named = byDisplayName.get(shown) ?? []
  const [only] = named
  if (only !== undefined && named.length === 1) return found({ model: only, as: 'display_name' }, spelling)
  if (named.length > 1) return ambiguous(named)
  const gone = goneByName.get(spelling.name.replace(/^anthropic\./, '')) ?? goneByName.get(shown)
  if (gone !== undefined) return retired(gone)
  const family = models.filter((model) => model.family === shown && statusOn(model, day) === 'active')
  if (family.length > 0) return ambiguous(family)
  return unknown(suggestNames(spelling.name === '' ? name : spelling.name, candidates))
}

function ambiguous(choices: readonly Model[]): Resolution {
  return { ok: false, because: 'ambiguous', suggestions: choices.map((model) => model.id) }
}

function retired(gone: RetiredId): Resolution {
  return {
    ok: false,
    because: 'retired',
    suggestions: [gone.replacement],
    detail: `${gone.id} was retired on ${gone.retired}; its replacement is ${gone.replacement}.`,
    retired: gone,
  }
}

/** Makes `  claude  OPUS 4.1` and `Opus 4.1` the same name. */
function foldDisplayName(name: string): string {
  const words = name.trim().toLowerCase().split(/\s+/)
  return (words[0] === 'claude' ? words.slice(1) : words).join(' ')
}

const byId: ReadonlyMap<string, Model> = new Map(models.map((model) => [model.id, model]))
const byName = indexNames()
const byDisplayName = indexDisplayNames()
const goneByName: ReadonlyMap<string, RetiredId> = new Map(
  retiredIds.flatMap((gone) => [
    [gone.id, gone],
    [foldDisplayName(gone.displayName), gone],
  ]),
)

const candidates = models.map((model) => ({
  ids: [...new Set([...model.aliases, ...listIds(model).map(([id]) => id)])],
  displayNames: [model.name, model.displayName, foldDisplayName(model.name), model.family],
}))

function listIds(model: Model): readonly (readonly [string, NameKind])[] {
  const { bedrock, vertex, foundry } = model.platforms
  const ids: readonly (readonly [string | null, NameKind])[] = [
    [model.id, 'id'],
    ...model.otherIds.map((id) => [id, 'other_id'] as const),
    [bedrock, 'bedrock'],
    [model.mantleId ?? null, 'bedrock'],
    [vertex, 'vertex'],
    [foundry, 'foundry'],
  ]
  return ids.flatMap(([id, as]) => (id === null ? [] : [[id, as] as const]))
}

/** If one text is an id of several kinds, the Claude API's kind comes first. */
function indexNames(): ReadonlyMap<string, readonly Named[]> {
  const index = new Map<string, Named[]>()
  for (const model of models) {
    for (const [id, as] of listIds(model)) index.set(id, [...(index.get(id) ?? []), { model, as }])
  }
  return index
}

function indexDisplayNames(): ReadonlyMap<string, readonly Model[]> {
  const index = new Map<string, Model[]>()
  for (const model of models) {
    for (const name of new Set([model.name, model.displayName].map(foldDisplayName))) {
      index.set(name, [...(index.get(name) ?? []), model])
    }
  }
  return index
}
