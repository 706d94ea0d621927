import type { Model } from './model.ts'
import { models } from './models.ts'
import { suggestNames } from './suggestion.ts'

/** Which kind of name was given. */
export type NameKind = 'id' | 'alias' | 'other_id' | 'bedrock' | 'vertex' | 'foundry' | 'display_name'

/** `canonical` is the model's dated id; `suggestions` are ids that resolve, the likeliest first. */
export type Resolution =
  | { readonly ok: true; readonly model: Model; readonly as: NameKind; readonly canonical: string }
  | { readonly ok: false; readonly because: 'unknown' | 'ambiguous'; readonly suggestions: readonly string[] }

/**
 * The model a name stands for, on whichever platform it is a name; ids are matched exactly, display names
 * without regard to case and to a leading "Claude". Never throws.
 *
 * `resolve('us.anthropic.claude-opus-4-20250514-v1:0')` is Opus 4, as `bedrock`.
 */
export function resolve(name: string): Resolution {
  // The name comes from outside, so its type is a hope. The Messages API takes at most 256 letters.
  if (typeof name !== 'string' || name.length > maxNameLength) return unknown([])
  const id = name.replace(inferenceProfilePrefix, '')
  const exact = byName.get(id)
  if (exact !== undefined) return { ok: true, ...exact, canonical: exact.model.id }
  const shown = byDisplayName.get(foldDisplayName(name)) ?? []
  const [only] = shown
  if (only === undefined) return unknown(suggestNames(id, candidates))
  if (shown.length > 1)
    return { ok: false, because: 'ambiguous', suggestions: shown.map((model) => model.id) }
  return { ok: true, model: only, as: 'display_name', canonical: only.id }
}

const maxNameLength = 256

/** Prefixes of Bedrock's inference profiles; they choose where a call runs, never another model. */
const inferenceProfilePrefix = /^(?:us|eu|apac|global)\.(?=anthropic\.)/

function unknown(suggestions: readonly string[]): Resolution {
  return { ok: false, because: 'unknown', suggestions }
}

/** `  claude  OPUS 4.1` and `Opus 4.1` are the same name. */
function foldDisplayName(name: string): string {
  const words = name.trim().toLowerCase().split(/\s+/)
  return (words[0] === 'claude' ? words.slice(1) : words).join(' ')
}

type Named = { readonly model: Model; readonly as: NameKind }

const byName = indexNames()
const byDisplayName = indexDisplayNames()

const candidates = models.map((model) => ({
  ids: [...new Set(idsOf(model).map(([id]) => id))],
  displayNames: [model.name, model.displayName, foldDisplayName(model.name), model.family],
}))

function idsOf(model: Model): readonly (readonly [string, NameKind])[] {
  const { bedrock, vertex, foundry } = model.platforms
  const ids: readonly (readonly [string | null, NameKind])[] = [
    ...model.aliases.map((alias) => [alias, 'alias'] as const),
    [model.id, 'id'],
    ...model.otherIds.map((id) => [id, 'other_id'] as const),
    [bedrock, 'bedrock'],
    [vertex, 'vertex'],
    [foundry, 'foundry'],
  ]
  return ids.flatMap(([id, as]) => (id === null ? [] : [[id, as] as const]))
}

/** Where one text is an id of two kinds (an alias is also the id on Foundry), the Claude API's kind stands first. */
function indexNames(): ReadonlyMap<string, Named> {
  const index = new Map<string, Named>()
  for (const model of models) {
    for (const [id, as] of idsOf(model)) if (!index.has(id)) index.set(id, { model, as })
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
