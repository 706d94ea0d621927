import { describeUnresolved, getListedStatus, resolve } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'
import { modelLifecycles } from '@anthology/wire'
import type { ModelLifecycle } from '@anthology/wire'

import type { ApiError } from '../http/reply.ts'

/** The models that an emulator serves, and the day whose rules apply. */
export interface ServedModels {
  readonly models: readonly Model[]
  readonly lifecycle: LifecycleMode
  asOf(): string
}

export type NamedModel =
  | {
      readonly ok: true
      readonly model: Model
      /** The name requests the window of a million tokens. */
      readonly window: '1m' | undefined
      /** A notice if the service would not know the name, or may not, else null. */
      readonly notice: string | null
    }
  /** The hint is empty if nothing resembles the name. */
  | { readonly ok: false; readonly hint: string }

/**
 * Finds a model by an id or alias of the Claude API, in any spelling and with the prefixes of other tools; names of
 * other platforms are unknown.
 */
export function findNamedModel(name: string, { models }: ServedModels): NamedModel {
  const found = resolve(name)
  if (!found.ok) return { ok: false, hint: describeUnresolved(found) }
  const model = models.find(({ id }) => id === found.model.id)
  if (model === undefined) return { ok: false, hint: '' }
  if (!claudeApiNames.has(found.as)) return { ok: false, hint: `Did you mean ${model.id}?` }
  const { id, aliases, otherIds } = model
  const isKnown = [id, ...aliases, ...otherIds].includes(name)
  const notice = isKnown ? null : `the Claude API would not know ${name}, which is taken for ${id}`
  return { ok: true, model, window: found.window, notice }
}

/** The API's error for a name; the hint goes to the notice header. */
export function toUnknownModelError(name: string, hint: string): ApiError {
  return { status: 404, message: `model: ${name.slice(0, 256)}`, ...(hint !== '' && { notice: hint }) }
}

export function findModel(name: string, servedModels: ServedModels): Model | null {
  const named = findNamedModel(name, servedModels)
  return named.ok ? named.model : null
}

/**
 * Lists the released models with one of the requested lifecycles. By default retired models are hidden
 * (platform.claude.com, api/models), unless the emulator serves them anyway.
 */
export function listedModels(
  servedModels: ServedModels,
  requested: readonly ModelLifecycle[] | null,
): readonly Model[] {
  const shown =
    requested ?? (servedModels.lifecycle === 'ignore' ? modelLifecycles : ['active', 'deprecated'])
  const day = servedModels.asOf()
  return servedModels.models.filter((model) =>
    shown.some((lifecycle) => lifecycle === getListedStatus(model, day)),
  )
}

const claudeApiNames: ReadonlySet<string> = new Set(['id', 'alias', 'other_id', 'spelling'])
