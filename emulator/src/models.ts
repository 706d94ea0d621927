import { factsDay, lifecycleOf, limitOn } from '@anthology/catalog'
import type { Limit, Model } from '@anthology/catalog'
import { modelLifecycles, modelObject, pageModels } from '@anthology/wire'
import type { ModelInfo, ModelLifecycle, ModelObject } from '@anthology/wire'

import { findModel, listedModels, standingOf } from './family.ts'
import type { Family } from './family.ts'
import { capabilitiesOf } from './model-capabilities.ts'
import { jsonReply, refusalReply } from './reply.ts'
import type { Refusal, Reply } from './reply.ts'
import type { Call, Settings } from './routes.ts'

/** Newest first, as the catalog has them; `lifecycle[]` names what is to be shown. */
export function listModels({ query, head }: Call, { family }: Settings): Reply {
  const asked = readLifecycles(query)
  if (!asked.ok) return refusalReply(asked.refusal, head)
  const paged = pageModels(listedModels(family, asked.lifecycles).map(describeFor(family)), {
    limit: query.get('limit') ?? undefined,
    after_id: query.get('after_id') ?? undefined,
    before_id: query.get('before_id') ?? undefined,
  })
  return paged.ok ? jsonReply(paged.page, head) : refusalReply({ status: 400, message: paged.message }, head)
}

/** An alias is answered with the model it stands for. */
export function retrieveModel({ name, head }: Call, { family }: Settings): Reply {
  const model = findModel(name, family)
  const isHidden =
    model !== null && family.lifecycle === 'enforce' && !listedModels(family, null).includes(model)
  if (!model || isHidden) return refusalReply({ status: 404, message: `model: ${name.slice(0, 256)}` }, head)
  return jsonReply(describeFor(family)(model), head)
}

type AskedLifecycles =
  | { readonly ok: true; readonly lifecycles: readonly ModelLifecycle[] | null }
  | { readonly ok: false; readonly refusal: Refusal }

function readLifecycles(query: URLSearchParams): AskedLifecycles {
  const given = [...query.getAll('lifecycle[]'), ...query.getAll('lifecycle')]
  if (given.length === 0) return { ok: true, lifecycles: null }
  const stray = given.findIndex((value) => !modelLifecycles.some((known) => known === value))
  if (stray < 0) return { ok: true, lifecycles: modelLifecycles.filter((known) => given.includes(known)) }
  const message = `lifecycle.${stray}: Input should be 'active', 'deprecated' or 'retired'`
  return { ok: false, refusal: { status: 400, message } }
}

const limitsSince = '2026-03-18'
const lifecycleSince = '2026-10-01'

/** Gives the shape of the day: four members at first, more of them in the course of 2026. */
function describeFor(family: Family): (model: Model) => ModelObject | ModelInfo {
  const day = family.asOf()
  return (model) => {
    const object = describe(model)
    if (day < limitsSince) return object
    const facts = factsDay(model, family.lifecycle, day)
    const info: ModelInfo = {
      ...object,
      max_input_tokens: largestOn(model.contextWindow, facts),
      max_tokens: limitOn(model.maxOutput, facts).tokens,
      capabilities: capabilitiesOf(model, { isWhole: day >= lifecycleSince }),
    }
    return day < lifecycleSince ? info : { ...info, line: model.family, ...lifecycleFields(model, day) }
  }
}

function describe(model: Model): ModelObject {
  return modelObject({ id: model.id, display_name: model.displayName, created_at: createdAtOf(model) })
}

/** Of the newest models no reply of the real list was seen; their release day stands in. */
export function createdAtOf({ createdAt, lifecycle }: Model): string {
  return createdAt ?? `${lifecycle.anthropic.released}T00:00:00Z`
}

/** The service reports the window that a beta opens: 1M of Sonnet 4 in April 2026. */
function largestOn(limit: Limit, day: string): number {
  const { tokens, beta } = limitOn(limit, day)
  const isOpen = beta !== null && (beta.until === null || day < beta.until)
  return isOpen ? Math.max(tokens, beta.tokens) : tokens
}

function lifecycleFields(
  model: Model,
  day: string,
): Pick<ModelInfo, 'lifecycle' | 'deprecated_at' | 'retires_at'> {
  const { deprecated, retired } = lifecycleOf(model, 'anthropic', day)
  // What nobody had announced by that day was not in a reply of that day.
  const isAnnounced = deprecated !== null && deprecated <= day
  return {
    lifecycle: standingOf(model, day) ?? 'active',
    deprecated_at: isAnnounced ? timeOf(deprecated) : null,
    retires_at: isAnnounced ? timeOf(retired) : null,
  }
}

function timeOf(day: string | null): string | null {
  return day === null ? null : `${day}T00:00:00Z`
}
