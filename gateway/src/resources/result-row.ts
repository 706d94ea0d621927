import { computePrice, resolve } from '@anthology/catalog'
import type { Model, Price } from '@anthology/catalog'
import { indexAnswer, indexBody, parseMember } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { getDay } from '../clock.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { Resource } from './resource.ts'
import { emptyReading, parseUsage, readPlainAnswer } from '../calls/meter.ts'
import type { Reading } from '../calls/meter.ts'
import { applyOwnPrices } from '../upstreams/own-price.ts'
import type { OwnPrices } from '../upstreams/own-price.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { nameAt } from '../upstreams/model-name.ts'

/** What the rows of a batch depend on besides its results: the operator's prices of its upstream, and the names there. */
export interface ResultSource extends Omit<OwnPrices, 'upstream'> {
  readonly models: ResultModels
}

/** The models of a batch by their names at its upstream; null: several of them have this name. */
export type ResultModels = ReadonlyMap<string, Model | null>

export function listResultModels(batch: Resource, account: UpstreamAccount | undefined): ResultModels {
  const models = new Map<string, Model | null>()
  for (const id of new Set(Object.values(batch.models))) {
    const found = resolve(id)
    const name = found.ok && account !== undefined ? nameAt(found.model, account) : null
    if (found.ok && name !== null) models.set(name, models.has(name) ? null : found.model)
  }
  return models
}

/** The effect of one result line on the ledger. */
export type ResultLine =
  /** Blank, or a result that is not billed. */
  | { readonly kind: 'free' }
  | { readonly kind: 'row'; readonly row: CallRow }
  /** The cost is unknown: the row has no price, and the line is logged. */
  | { readonly kind: 'unreadable'; readonly row: CallRow; readonly because: string }

/**
 * Reads one result line; only a few small members are parsed. The row depends only on
 * the line, the batch and its source, so reading the results twice writes the same rows. `line` is
 * null if it was too long; `number` counts from 1.
 */
export function readResultLine(
  batch: Resource,
  line: Uint8Array | null,
  number: number,
  source: ResultSource,
): ResultLine {
  if (line === null) return unreadable(batch, number, 'the line exceeds the size limit')
  if (line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) return { kind: 'free' }
  const index = indexAnswer(line, lineMembers)
  const customId = index.ok ? getText(line, index, 'custom_id') : null
  const result = index.ok ? index.get('result') : undefined
  if (customId === null || customId.length > maxCustomIdLength || result === undefined)
    return unreadable(batch, number, 'the line is not a batch result')

  const resultBytes = line.subarray(result.start, result.end)
  const resultIndex = indexBody(resultBytes, resultMembers)
  const type = resultIndex.ok ? getText(resultBytes, resultIndex, 'type') : null
  if (type !== null && freeResults.has(type)) return { kind: 'free' }
  const message = resultIndex.ok ? resultIndex.get('message') : undefined
  if (type !== 'succeeded' || message === undefined)
    return unreadable(batch, number, 'the result type is unknown')
  const row = createRow({ batch, source }, customId, resultBytes.subarray(message.start, message.end))
  return { kind: 'row', row }
}

/** The API accepts 64 characters ("Batch processing", Claude docs); some compatible APIs may accept more. */
const maxCustomIdLength = 1_024

/** Result types that are not billed ("Batch processing", Claude docs). */
const freeResults: ReadonlySet<string> = new Set(['errored', 'canceled', 'expired'])

const lineMembers: ReadonlySet<string> = new Set(['custom_id', 'result'])
const resultMembers: ReadonlySet<string> = new Set(['type', 'message'])
const messageMembers: ReadonlySet<string> = new Set(['model'])

interface RowContext {
  readonly batch: Resource
  readonly source: ResultSource
}

function createRow({ batch, source }: RowContext, customId: string, message: Uint8Array): CallRow {
  const index = indexBody(message, messageMembers)
  const name = (index.ok ? getText(message, index, 'model') : null) ?? 'unknown'
  const model = findModel(batch, source.models, name)
  const reading = readPlainAnswer(message)
  return makeRow(batch, {
    id: customId,
    model: model?.id ?? name,
    requestedModel: requestedName(batch, model) ?? name,
    reading,
    price: priceResult({ batch, source }, model, reading),
  })
}

function priceResult({ batch, source }: RowContext, model: Model | null, reading: Reading): Price {
  const usage = parseUsage(reading)
  if (usage === null) return unpriced('bad_usage', 'the result has no usage')
  const own = { ...source, upstream: batch.upstream }
  if (model === null)
    return applyOwnPrices(
      unpriced('unknown_price', 'the model of the result is not in the catalog'),
      usage,
      own,
    )
  // Use the day of the batch's creation, so that the price does not depend on when the results are read.
  const asOf = getDay(batch.created_at_ms)
  return applyOwnPrices(computePrice(usage, model, { batch: true, betas: batch.betas, asOf }), usage, own)
}

/**
 * The upstream may have a name of its own for a model of the batch. Any other name that the catalog does not know is the
 * batch's model, if the batch has only one.
 */
function findModel(batch: Resource, models: ResultModels, name: string): Model | null {
  const named = models.get(name)
  if (named !== undefined && named !== null) return named
  const found = resolve(name)
  if (found.ok) return found.model
  const [only, ...others] = new Set(Object.values(batch.models))
  const model = only === undefined || others.length > 0 ? null : resolve(only)
  return model?.ok === true ? model.model : null
}

/** The client's name for the model, if it used only one. */
function requestedName(batch: Resource, model: Model | null): string | null {
  const names = Object.keys(batch.models).filter((name) => batch.models[name] === model?.id)
  return names.length === 1 ? (names[0] ?? null) : null
}

/** The row id contains `#`, which cannot occur in a `custom_id`. */
function unreadable(batch: Resource, number: number, because: string): ResultLine {
  const model = findOnlyModel(batch)
  const price = unpriced('bad_usage', because)
  const parts = { id: `#${number}`, model, requestedModel: model, reading: emptyReading, price }
  return { kind: 'unreadable', because, row: makeRow(batch, parts) }
}

/** The id of the batch's model; `unknown` if it has several. */
function findOnlyModel(batch: Resource): string {
  const [only, ...others] = new Set(Object.values(batch.models))
  return only === undefined || others.length > 0 ? 'unknown' : only
}

/** The row of a batch whose results are lost: like a call that never ended it counts with what is held for it. */
export function createLostRow(batch: Resource): CallRow {
  const model = findOnlyModel(batch)
  const price = unpriced('bad_usage', 'the results are lost')
  const { start, end } = makeRow(batch, {
    id: '#lost',
    model,
    requestedModel: model,
    reading: emptyReading,
    price,
  })
  return {
    start: { ...start, hold_nano_usd: batch.hold_nano_usd },
    end: end === null ? null : { ...end, outcome: 'unknown', status: null, price: null },
  }
}

interface RowParts {
  readonly id: string
  readonly model: string
  readonly requestedModel: string
  readonly reading: Reading
  readonly price: Price
}

function makeRow(batch: Resource, { id, model, requestedModel, reading, price }: RowParts): CallRow {
  return {
    start: {
      id: `${batch.id}/${id}`,
      started_at_ms: batch.created_at_ms,
      protocol: 'batches',
      key_id: batch.key_id,
      workspace_id: batch.workspace_id,
      member_id: batch.member_id,
      labels: batch.labels,
      // The batch holds money, and its results take its place.
      hold_nano_usd: null,
      process_id: batch.process_id,
      requested_model: requestedModel,
      model,
      upstream: batch.upstream,
      platform: 'anthropic',
      streamed: false,
      session_id: null,
      agent_id: null,
      parent_agent_id: null,
    },
    end: {
      outcome: 'answered',
      status: 200,
      attempts: 1,
      stop_reason: reading.stopReason,
      error_type: reading.errorType,
      message_id: reading.messageId,
      upstream_request_id: null,
      first_byte_ms: null,
      first_token_ms: null,
      total_ms: null,
      usage: reading.usage,
      usage_source: reading.usageSource,
      price,
      details: null,
    },
  }
}

function unpriced(because: 'bad_usage' | 'unknown_price', detail: string): Price {
  return { ok: false, because, detail }
}

function getText(bytes: Uint8Array, index: BodyIndex, name: string): string | null {
  const member = index.get(name)
  const value = member === undefined ? undefined : parseMember(bytes, member)
  return typeof value === 'string' ? value : null
}
