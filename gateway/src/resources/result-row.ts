import { computePrice, resolve } from '@anthology/catalog'
import type { Model, Price } from '@anthology/catalog'
import { indexBody, parseMember } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

import { getDay } from '../clock.ts'
import type { CallRow } from '../ledger/call-row.ts'
import type { Resource } from './resource.ts'
import { emptyReading, parseUsage, readPlainAnswer } from '../calls/meter.ts'
import type { Reading } from '../calls/meter.ts'

/** The effect of one result line on the ledger. */
export type ResultLine =
  /** Blank, or a result that is not billed. */
  | { readonly kind: 'free' }
  | { readonly kind: 'row'; readonly row: CallRow }
  /** The cost is unknown: the row has no price, and the line is logged. */
  | { readonly kind: 'unreadable'; readonly row: CallRow; readonly because: string }

/**
 * Reads one result line; only a few small members are parsed. The row depends only on
 * the line and the batch, so reading the results twice writes the same rows. `line` is
 * null if it was too long; `number` counts from 1.
 */
export function readResultLine(batch: Resource, line: Uint8Array | null, number: number): ResultLine {
  if (line === null) return unreadable(batch, number, 'the line exceeds the size limit')
  if (line.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)) return { kind: 'free' }
  const index = indexBody(line, lineMembers)
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
  return { kind: 'row', row: createRow(batch, customId, resultBytes.subarray(message.start, message.end)) }
}

/** The API accepts 64 characters ("Batch processing", Claude docs); some compatible APIs may accept more. */
const maxCustomIdLength = 1_024

/** Result types that are not billed ("Batch processing", Claude docs). */
const freeResults: ReadonlySet<string> = new Set(['errored', 'canceled', 'expired'])

const lineMembers: ReadonlySet<string> = new Set(['custom_id', 'result'])
const resultMembers: ReadonlySet<string> = new Set(['type', 'message'])
const messageMembers: ReadonlySet<string> = new Set(['model'])

function createRow(batch: Resource, customId: string, message: Uint8Array): CallRow {
  const index = indexBody(message, messageMembers)
  const name = (index.ok ? getText(message, index, 'model') : null) ?? 'unknown'
  const model = findModel(batch, name)
  const reading = readPlainAnswer(message)
  return makeRow(batch, {
    id: customId,
    model: model?.id ?? name,
    requestedModel: requestedName(batch, model) ?? name,
    reading,
    price: priceResult(batch, model, reading),
  })
}

function priceResult(batch: Resource, model: Model | null, reading: Reading): Price {
  const usage = parseUsage(reading)
  if (usage === null) return unpriced('bad_usage', 'the result has no usage')
  if (model === null) return unpriced('unknown_price', 'the model of the result is not in the catalog')
  // Use the day of the batch's creation, so that the price does not depend on when the results are read.
  const asOf = getDay(batch.created_at_ms)
  return computePrice(usage, model, { batch: true, betas: batch.betas, asOf })
}

/** A platform may use a model name that the catalog does not know; then it is the batch's model, if the batch has only one. */
function findModel(batch: Resource, name: string): Model | null {
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
  const [only, ...others] = new Set(Object.values(batch.models))
  const model = only === undefined || others.length > 0 ? 'unknown' : only
  const price = unpriced('bad_usage', because)
  const parts = { id: `#${number}`, model, requestedModel: model, reading: emptyReading, price }
  return { kind: 'unreadable', because, row: makeRow(batch, parts) }
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
