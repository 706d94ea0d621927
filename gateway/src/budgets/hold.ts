import { computePrice, models, quote, resolve } from '@anthology/catalog'
import type { Model, RequestFacts, Usage } from '@anthology/catalog'

import type { OwnRates } from '../upstreams/own-price.ts'
import type { OtherRun } from './other-runs.ts'
import type { PromptFacts } from './prompt-facts.ts'

/** The place where an attempt would run, which decides its price. */
export interface HoldPlace {
  readonly upstream: string
  readonly model: Model
  readonly platform: NonNullable<NonNullable<Parameters<typeof quote>[2]>['platform']>
  readonly region: 'global' | 'regional' | undefined
  readonly rates: OwnRates | undefined
  /** The price of a model whose own price nobody knows; undefined: there is none. */
  readonly fallback?: OwnRates | undefined
}

/** The most that a call may cost: besides its prompt, for each token of output. */
export interface CostBound {
  readonly promptNanoUsd: number
  /** Pico-dollars; at most a million tokens of a million dollars, which a number holds exactly. */
  readonly outputPicoUsd: number
  readonly maxOutputTokens: number
}

/** The facts of a call that bound its cost. */
export interface HoldFacts {
  readonly prompt: PromptFacts
  /** The options of the request: `max_tokens`, `speed`, `inference_geo` and `batch`. */
  readonly options: RequestFacts
  readonly betas: readonly string[]
  /** The UTC day whose prices apply. */
  readonly asOf: string
}

export type BoundResult =
  | { readonly ok: true; readonly bound: CostBound }
  | { readonly ok: false; readonly detail: string }

/**
 * The most that a call may cost at a place. A token of text has at least one byte; the data of an image counts as the
 * most tokens of an image; a prompt with documents or tools of the platform is bounded by the context window
 * (`quote` of the catalog). The prompt may be written to the cache at the dearest time to live that it names. Runs of
 * other models that the body asks for count in addition.
 */
export function boundCost(facts: HoldFacts, place: HoldPlace): BoundResult {
  const own = boundRun(facts, place)
  if (!own.ok || facts.prompt.otherRuns.length === 0) return own
  let { promptNanoUsd, outputPicoUsd, maxOutputTokens } = own.bound
  for (const run of facts.prompt.otherRuns) {
    const found = boundOther(facts, place, run)
    if (!found.ok) return found
    const { bound } = found
    if (run.kind === 'fallback') {
      promptNanoUsd += bound.promptNanoUsd
      outputPicoUsd = Math.max(outputPicoUsd, bound.outputPicoUsd)
      maxOutputTokens += bound.maxOutputTokens
    } else promptNanoUsd += run.times * computeCost(bound, bound.maxOutputTokens)
  }
  return { ok: true, bound: { promptNanoUsd, outputPicoUsd, maxOutputTokens } }
}

/** The cost of one run of a model. */
function boundRun(facts: HoldFacts, place: HoldPlace): BoundResult {
  const found = boundKnown(facts, place)
  return found.ok || place.fallback === undefined ? found : boundByFallback(facts, place, place.fallback)
}

function boundOther(facts: HoldFacts, place: HoldPlace, run: OtherRun): BoundResult {
  if (run.kind === 'compaction') return boundRun(facts, place)
  if (run.model === null) {
    const bounds = models.map((model) => boundOtherModel(facts, { ...place, model }, run))
    return { ok: true, bound: findDearest(bounds.flatMap((found) => (found.ok ? [found.bound] : []))) }
  }
  const found = resolve(run.model)
  if (found.ok) return boundOtherModel(facts, { ...place, model: found.model }, run)
  return place.fallback === undefined
    ? { ok: false, detail: `there is no model ${JSON.stringify(run.model.slice(0, 100))}` }
    : boundByFallback(facts, place, place.fallback)
}

function boundOtherModel(
  facts: HoldFacts,
  place: HoldPlace,
  { kind, maxTokens, speed }: OtherRun,
): BoundResult {
  const { prompt, options } = facts
  const { max_tokens: asked, speed: askedSpeed, ...others } = options
  // The prompt of an advisor is the conversation with what the call has added to it.
  const isAdvisor = kind === 'advisor'
  const wanted = maxTokens ?? (isAdvisor ? undefined : asked)
  const run = {
    ...facts,
    prompt: isAdvisor ? { ...prompt, ...windowPrompt(place.model) } : prompt,
    options: { ...others, ...(wanted !== undefined && { max_tokens: wanted }) },
  }
  const atSpeed = speed ?? askedSpeed
  if (atSpeed === undefined) return boundRun(run, place)
  const found = boundRun({ ...run, options: { ...run.options, speed: atSpeed } }, place)
  // A model without that speed has no price for it, and runs at the usual one if at all.
  return found.ok ? found : boundRun(run, place)
}

function windowPrompt({ contextWindow }: Model): Pick<PromptFacts, 'textBytes' | 'images' | 'open'> {
  return { textBytes: contextWindow.tokens, images: 0, open: null }
}

function boundKnown(facts: HoldFacts, place: HoldPlace): BoundResult {
  const { prompt, options } = facts
  const tokens = boundTokens(prompt, place)
  const isPlain = prompt.open === null && options.max_tokens !== undefined && options.batch !== true
  const rates = isPlain && tokens <= maxCachedTokens ? findRates(facts, place) : null
  if (rates === null) return boundByQuote(facts, place)
  return {
    ok: true,
    bound: {
      promptNanoUsd: roundUp(tokens * rates.promptPicoUsd),
      outputPicoUsd: rates.outputPicoUsd,
      maxOutputTokens: options.max_tokens ?? 0,
    },
  }
}

function boundTokens({ textBytes, images, hasTools }: PromptFacts, { model }: HoldPlace): number {
  return textBytes + images * imageTokens[model.imageDetail] + (hasTools ? toolPromptTokens : 0)
}

/** Without a price the catalog bounds no tokens either, so an open prompt counts as the largest context window. */
function boundByFallback({ prompt, options }: HoldFacts, place: HoldPlace, rates: OwnRates): BoundResult {
  const tokens = Math.max(boundTokens(prompt, place), prompt.open === null ? 0 : maxWindowTokens)
  const dearest = Math.max(...listComponents(prompt).map((component) => Number(rates(component))))
  const bound = {
    promptNanoUsd: roundUp(tokens * dearest),
    outputPicoUsd: Number(rates('output')),
    maxOutputTokens: options.max_tokens ?? maxAnyOutputTokens,
  }
  return { ok: true, bound }
}

const maxWindowTokens = 1_000_000
const maxAnyOutputTokens = 128_000

/** The most that a call costs with so many tokens of output. */
export function computeCost({ promptNanoUsd, outputPicoUsd }: CostBound, outputTokens: number): number {
  return promptNanoUsd + Math.ceil((outputTokens * outputPicoUsd) / 1_000)
}

/** The tokens of output that an amount pays for. */
export function tokensFor({ outputPicoUsd }: CostBound, nanoUsd: number): number {
  return outputPicoUsd === 0 ? Number.MAX_SAFE_INTEGER : Math.floor((nanoUsd * 1_000) / outputPicoUsd)
}

/** The bound of the dearest attempt: a call may run at any of its places. */
export function findDearest(bounds: readonly CostBound[]): CostBound {
  return bounds.reduce((dearest, bound) => ({
    promptNanoUsd: Math.max(dearest.promptNanoUsd, bound.promptNanoUsd),
    outputPicoUsd: Math.max(dearest.outputPicoUsd, bound.outputPicoUsd),
    maxOutputTokens: Math.max(dearest.maxOutputTokens, bound.maxOutputTokens),
  }))
}

/** The catalog's bound, for prompts whose price is not one figure per token. */
function boundByQuote({ prompt, options, betas, asOf }: HoldFacts, place: HoldPlace): BoundResult {
  const { model, platform, region, rates } = place
  const facts: RequestFacts = {
    ...options,
    ...prompt.open,
    betas,
    has_tools: prompt.hasTools,
    ...(prompt.open === null && { input_bytes: prompt.textBytes }),
    image_count: prompt.images,
    cache_ttls: prompt.cacheTtl === null ? [] : [prompt.cacheTtl],
  }
  const where = { asOf, platform, region }
  const most = quote(facts, model, where)
  if (!most.ok) return { ok: false, detail: most.detail }
  const { promptTokens, outputTokens } = most
  if (rates !== undefined) {
    const dearest = listComponents(prompt).map((component) => Number(rates(component)))
    return {
      ok: true,
      bound: {
        promptNanoUsd: roundUp(promptTokens.high * Math.max(...dearest)),
        outputPicoUsd: Number(rates('output')),
        maxOutputTokens: outputTokens.high,
      },
    }
  }
  const none = quote({ ...facts, max_tokens: 0 }, model, where)
  if (!none.ok) return { ok: false, detail: none.detail }
  const output = Number(most.highNanoUsd - none.highNanoUsd)
  return {
    ok: true,
    bound: {
      promptNanoUsd: Number(none.highNanoUsd) + roundingNanoUsd,
      outputPicoUsd: outputTokens.high === 0 ? 0 : Math.ceil((output * 1_000) / outputTokens.high) + 1,
      maxOutputTokens: outputTokens.high,
    },
  }
}

interface UnitRates {
  readonly promptPicoUsd: number
  readonly outputPicoUsd: number
}

/** Prices per token by place, day and options: computing them costs more than the rest of a small call's hold. */
const cachedRates = new Map<string, UnitRates | null>()
const maxCachedRates = 1_000

function findRates({ prompt, options, asOf }: HoldFacts, place: HoldPlace): UnitRates | null {
  const { upstream, model, region, rates } = place
  if (rates !== undefined)
    return {
      promptPicoUsd: Math.max(...listComponents(prompt).map((component) => Number(rates(component)))),
      outputPicoUsd: Number(rates('output')),
    }
  const { speed = '', inference_geo = '' } = options
  const name = `${upstream} ${model.id} ${region ?? ''} ${asOf} ${prompt.cacheTtl ?? ''} ${speed} ${inference_geo}`
  const known = cachedRates.get(name)
  if (known !== undefined) return known
  const found = computeRates({ prompt, options, asOf }, place)
  if (cachedRates.size >= maxCachedRates) cachedRates.clear()
  cachedRates.set(name, found)
  return found
}

function computeRates(
  { prompt, options, asOf }: Omit<HoldFacts, 'betas'>,
  { model, platform, region }: HoldPlace,
): UnitRates | null {
  const { speed, inference_geo } = options
  const terms = {
    ...(speed !== undefined && { speed }),
    ...(inference_geo !== undefined && { inference_geo }),
  }
  let [promptPicoUsd, outputPicoUsd] = [0, 0]
  for (const component of listComponents(prompt)) {
    const usage = { ...terms, ...toUsage(component, sampleTokens), output_tokens: sampleTokens }
    const price = computePrice(usage, model, { asOf, platform, region })
    if (!price.ok) return null
    for (const line of price.lines) {
      // A price may have a fraction of a pico-dollar.
      const pico = Number(line.picoUsdPerUnit) + 1
      if (line.component === 'output') outputPicoUsd = Math.max(outputPicoUsd, pico)
      else promptPicoUsd = Math.max(promptPicoUsd, pico)
    }
  }
  return { promptPicoUsd, outputPicoUsd }
}

type PromptComponent = 'input' | 'cache_write_5m' | 'cache_write_1h'

function listComponents({ cacheTtl }: PromptFacts): readonly PromptComponent[] {
  if (cacheTtl === null) return ['input']
  return cacheTtl === '5m' ? ['input', 'cache_write_5m'] : ['input', 'cache_write_5m', 'cache_write_1h']
}

function toUsage(component: PromptComponent, tokens: number): Usage {
  if (component === 'input') return { input_tokens: tokens }
  return { cache_creation: { [`ephemeral_${component.slice(12)}_input_tokens`]: tokens } }
}

/** Below the first step of any price that depends on the length of the prompt (100,000 tokens). */
const maxCachedTokens = 90_000
const sampleTokens = 1_000

/** Vision page, November 2025 and August 2026. */
const imageTokens = { standard: 1_640, high: 4_784 } as const

/** The largest system prompt that a model adds for tools (Pricing page). */
const toolPromptTokens = 804

/** Pico-dollars in nano-dollars. What costs nothing holds nothing. */
function roundUp(picoUsd: number): number {
  return picoUsd === 0 ? 0 : Math.ceil(picoUsd / 1_000) + roundingNanoUsd
}

/** Each line of a price is rounded by half a nano-dollar at most. */
const roundingNanoUsd = 4
