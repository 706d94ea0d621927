import { setImmediate } from 'node:timers/promises'

import { computePrice } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { applyRanges, iterateElements, indexBody, planSplices } from '@anthology/wire'
import type { ArrayElement, BodyIndex, BodyIndexError, ByteRange } from '@anthology/wire'

import { getDay } from '../clock.ts'
import { authorizeModel } from '../auth/authenticate.ts'
import { authorizeNamedModels } from '../auth/named-models.ts'
import { sliceMs } from '../slices.ts'
import { readModelName, unknownModel, widenWindow } from '../calls/call.ts'
import { priceHint } from '../budgets/refusal.ts'
import { ApiError, errors } from '../errors.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Limits } from '../limits.ts'
import type { ResolveName } from '../routing/name-resolver.ts'

export interface BatchSource {
  readonly key: Key
  readonly body: Uint8Array
  readonly betas: readonly string[]
  readonly startedAtMs: number
  readonly resolveModel: ResolveName
  /** True if the operator has set prices for models whose price nobody knows. */
  readonly hasPrices: boolean
}

export interface BatchRequest {
  /** The client's bytes with the names of the models at an upstream; null keeps the client's name. */
  readonly nameModels: (getName: (model: Model) => string | null) => Uint8Array
  readonly distinctModels: readonly Model[]
  /** One entry per model: its id by the client's name for it, or by itself if the client used several names. */
  readonly models: Readonly<Record<string, string>>
  /** The requests, by their place in the client's bytes. */
  readonly requests: readonly BatchedRequest[]
}

/** One request of a batch. */
export interface BatchedRequest {
  readonly model: Model
  readonly start: number
  readonly end: number
  /** The client's name for the model, and its place in the client's bytes. */
  readonly requestedModel: string
  readonly nameRange: ByteRange | undefined
}

/**
 * Reads a new batch. For every request it resolves and authorizes the model and checks
 * that it has a price. The upstream validates everything else and returns an `errored`
 * result for an invalid request. A large batch is read in slices, so that running streams
 * are not blocked.
 */
export async function readBatchRequest(source: BatchSource, limits: Limits): Promise<BatchRequest> {
  const { body } = source
  const index = indexBody(body, bodyMembers)
  if (!index.ok) throw new ApiError('bad_request', index.message)
  const requests = index.get('requests')
  if (requests === undefined) throw new ApiError('bad_request', 'requests: Field required')

  const named = new Map<string, Model>()
  const batched: BatchedRequest[] = []
  let count = 0
  let sliceEndMs = performance.now() + sliceMs
  for (const element of iterateElements(body, requests)) {
    if (!element.ok) throw new ApiError('bad_request', `requests: ${describeProblem(element)}`)
    if (count === limits.batchRequests) {
      const message = `requests: List should have at most ${limits.batchRequests} items`
      throw new ApiError('bad_request', message, errors.bad_request, { limit: 'batchRequests' })
    }
    const where = `requests.${count}.params`
    const request = readRequest(source, element, { where, named })
    batched.push(request.batched)
    if (source.key.models !== null) await authorizeNamedModels(request, source, `${where}.`)
    count += 1
    if (performance.now() < sliceEndMs) continue
    await setImmediate()
    sliceEndMs = performance.now() + sliceMs
  }
  if (count === 0)
    throw new ApiError('bad_request', 'requests: List should have at least 1 item after validation, not 0')
  return {
    nameModels: (getName) => applyRanges(body, planNames(batched, getName)),
    distinctModels: [...new Set(named.values())],
    models: listModels(named),
    requests: batched,
  }
}

function planNames(
  requests: readonly BatchedRequest[],
  getName: (model: Model) => string | null,
): readonly ByteRange[] {
  return requests.flatMap(({ model, requestedModel, nameRange }) => {
    const name = getName(model) ?? requestedModel
    return nameRange === undefined || name === requestedModel
      ? []
      : [{ ...nameRange, text: JSON.stringify(name) }]
  })
}

/** A batch may spell one model in 100,000 ways, which must not become 100,000 stored names. */
function listModels(named: ReadonlyMap<string, Model>): Record<string, string> {
  const names = new Map<string, string>()
  for (const [name, { id }] of named) names.set(id, names.has(id) ? id : name)
  return Object.fromEntries([...names].map(([id, name]) => [name, id]))
}

const bodyMembers: ReadonlySet<string> = new Set(['requests'])
const requestMembers: ReadonlySet<string> = new Set(['params'])
const paramsMembers: ReadonlySet<string> = new Set(['model'])

interface RequestContext {
  readonly where: string
  /** The models of the earlier requests, by the names that the client used. */
  readonly named: Map<string, Model>
}

/** In the API's words, where it has some for a part of a body. */
function describeProblem({ because, message }: BodyIndexError): string {
  if (because === 'not_an_object') return 'Input should be an object'
  return because === 'not_an_array' ? 'Input should be a valid array' : message
}

function readRequest(
  source: BatchSource,
  element: ArrayElement,
  { where, named }: RequestContext,
): { body: Uint8Array; index: BodyIndex; batched: BatchedRequest } {
  const request = source.body.subarray(element.start, element.end)
  const requestIndex = indexBody(request, requestMembers)
  if (!requestIndex.ok) {
    const at = where.replace(/\.params$/, '')
    throw new ApiError('bad_request', `${at}: ${describeProblem(requestIndex)}`)
  }
  const member = requestIndex.get('params')
  if (member === undefined) throw new ApiError('bad_request', `${where}: Field required`)
  const params = request.subarray(member.start, member.end)
  const index = indexBody(params, paramsMembers)
  if (!index.ok) throw new ApiError('bad_request', `${where}: ${describeProblem(index)}`)

  const name = readModelName(params, index, `${where}.`)
  const model = named.get(name) ?? findModel(source, name, where)
  named.set(name, model)
  const platformName = model.platforms.anthropic
  if (platformName === null)
    throw new ApiError(
      'unknown_model',
      `${where}.model: no configured upstream offers ${model.id} in batches`,
    )
  const edit = { splice: 'model', kind: 'replace', member: 'model', value: platformName } as const
  const start = element.start + member.start
  const [nameRange] = planSplices(index, [edit], start)
  const batched = { model, start, end: element.start + member.end, requestedModel: name, nameRange }
  return { body: params, index, batched }
}

function findModel(source: BatchSource, name: string, where: string): Model {
  const { key } = source
  const found = source.resolveModel(name)
  if (!found.ok) throw new ApiError('unknown_model', `${where}.${unknownModel(name, found)}`)
  if (found.window !== undefined) requireSameBetas(source, found.model, where)
  authorizeModel(key, found.model, `${where}.model: `)
  if (!source.hasPrices) requirePrice(source, found.model, where)
  return found.model
}

function requirePrice({ betas, startedAtMs }: BatchSource, model: Model, where: string): void {
  const asOf = getDay(startedAtMs)
  const price = computePrice({ input_tokens: 1, output_tokens: 1 }, model, { batch: true, betas, asOf })
  if (price.ok) return
  throw new ApiError('unknown_price', `${where}.model: ${model.id}: ${price.detail}. ${priceHint}`)
}

/** The betas are those of the whole batch, so `[1m]` in the name of one request cannot add one. */
function requireSameBetas({ betas, startedAtMs }: BatchSource, model: Model, where: string): void {
  const added = widenWindow(model, betas, startedAtMs).betas.find((beta) => !betas.includes(beta))
  if (added === undefined) return
  const message = `${where}.model: [1m] needs the beta ${added}, which a batch sends for all of its requests: add it to the header anthropic-beta`
  throw new ApiError('bad_request', message)
}
