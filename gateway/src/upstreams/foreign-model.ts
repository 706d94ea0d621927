import { models, resolve } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

import type { AnthropicConfig } from '../config/parse-config.ts'
import { GatewayError } from '../errors.ts'

/** The facts of models that the catalog does not know, from the configuration of their upstream. */
export interface ForeignFacts {
  /** The context window in tokens; null: not stated, so the upstream decides. */
  readonly contextTokens: number | null
  readonly maxOutputTokens: number | null
  /** Whether images and documents are accepted. */
  readonly vision: boolean
  /** False: the members that concern thinking are removed from requests. */
  readonly thinking: boolean
  readonly tools: boolean
  /** False: the gateway estimates the input tokens. */
  readonly countTokens: boolean
}

/** The models of an upstream that serves models of its own, such as a local engine. */
export interface ForeignModels {
  readonly facts: ForeignFacts
  /** By their name at the upstream. */
  readonly models: ReadonlyMap<string, Model>
}

/** The name in `models` that stands for every model. */
export const anyModel = '*'

const factMembers = [
  'context_tokens',
  'max_output_tokens',
  'vision',
  'thinking',
  'tools',
  'count_tokens',
] as const

/**
 * Reads the foreign models of an upstream: those that `models` names, if it has an entry for every model (`*`) or if a
 * fact of them is stated. Null: the upstream serves the catalog's models. Throws a GatewayError for facts without models.
 */
export function readForeignModels(config: AnthropicConfig): ForeignModels | null {
  const stated = factMembers.find((member) => config[member] !== undefined)
  const { models: names, name: upstream = config.platform } = config
  if (names === undefined) {
    if (stated === undefined) return null
    const message = `upstream '${upstream}': ${stated} needs models`
    throw new GatewayError('config_invalid', message, {
      hint: `Name the model that the upstream serves, such as models: { "*": qwen3-coder }.`,
    })
  }
  if (stated === undefined && names[anyModel] === undefined) return null
  const facts: ForeignFacts = {
    contextTokens: config.context_tokens ?? null,
    maxOutputTokens: config.max_output_tokens ?? null,
    vision: config.vision ?? true,
    thinking: config.thinking ?? true,
    tools: config.tools ?? true,
    countTokens: config.count_tokens ?? true,
  }
  const hasPrice = config.price !== undefined
  return {
    facts,
    models: new Map(
      Object.values(names).map((name) => {
        const found = resolve(name)
        return [name, found.ok ? found.model : createForeignModel(name, facts, hasPrice)]
      }),
    ),
  }
}

/**
 * Creates a model outside the catalog. It has no name on any platform, so that only its own upstream offers it. Members
 * of the catalog's model that are not set here are not read for it. Without a price of its own its price is unknown.
 */
export function createForeignModel(name: string, facts: ForeignFacts, hasPrice: boolean): Model {
  const undated = {
    released: '1970-01-01',
    deprecated: null,
    retired: null,
    notBefore: null,
    replacement: null,
  }
  return {
    ...pattern,
    id: name,
    name,
    displayName: name,
    // "May be set to an epoch value if the release date is unknown" (Models API).
    createdAt: '1970-01-01T00:00:00Z',
    generation: '',
    page: null,
    aliases: [],
    otherIds: [],
    platforms: { anthropic: null, bedrock: null, vertex: null, foundry: null },
    bedrockProfiles: null,
    contextWindow: { tokens: facts.contextTokens ?? 0, tooltip: null, beta: null },
    maxOutput: { tokens: facts.maxOutputTokens ?? usualOutputTokens, tooltip: null, beta: null },
    input: facts.vision ? ['text', 'image'] : ['text'],
    vision: facts.vision,
    thinking: null,
    effort: null,
    behaviour: { ...pattern.behaviour, sampling: 'all' },
    rateCards: hasPrice ? pattern.rateCards : [],
    lifecycle: { anthropic: undated, bedrock: null, vertex: null, foundry: null },
    notes: [],
  }
}

/** The models outside the catalog that any upstream serves, by name; the first upstream's facts describe a shared one. */
export function listForeignModels(
  accounts: readonly { readonly foreign?: ForeignModels }[],
): ReadonlyMap<string, Model> {
  const found = new Map<string, Model>()
  for (const { foreign } of accounts)
    for (const [name, model] of foreign?.models ?? [])
      if (isForeign(model) && !found.has(name)) found.set(name, model)
  return found
}

/** Whether a model is outside the catalog. */
export function isForeign({ platforms }: Model): boolean {
  return platforms.anthropic === null
}

/** Gives a foreign model the members that its type requires; its prices are replaced by those of the upstream. */
const pattern = findOldest()

function findOldest(): Model {
  const oldest = models.at(-1)
  if (oldest === undefined) throw new Error('the catalog has no models')
  return oldest
}

/** The `max_tokens` of a translated request that names none, if the upstream's maximum is not stated. */
const usualOutputTokens = 4_096
