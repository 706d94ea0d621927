import { createHash } from 'node:crypto'

import { computePrice, models as catalogModels } from '@anthology/catalog'

import { printRequestId } from '../gateway/src/http/request-id.ts'
import type { CallRow } from '../gateway/src/ledger/call-row.ts'
import { rollupSpans } from '../gateway/src/ledger/rollup.ts'

/** The traffic of a platform team: its size and the time that it covers. */
export interface TrafficShape {
  readonly calls: number
  /** The last call starts before this time. */
  readonly untilMs: number
  readonly days: number
  readonly seed: number
}

/** The values over which the calls are spread. */
export const population = { keys: 300, members: 120, workspaces: 12, projects: 8, upstreams: 3 } as const

const models = ['claude-sonnet-4-5-20250929', 'claude-opus-4-1-20250805', 'claude-haiku-4-5-20251001'].map(
  (id) => {
    const model = catalogModels.find((one) => one.id === id)
    if (model === undefined) throw new Error(`the catalog has no ${id}`)
    return model
  },
)

/**
 * Generates the rows of a ledger in order of time, the same ones for the same seed: most calls in working hours, few
 * keys with most of the calls, one call in fifty without an answer, and one stream in a hundred cut.
 */
export function* generateRows({ calls, untilMs, days, seed }: TrafficShape): Generator<CallRow> {
  const random = createRandom(seed)
  const startMs = untilMs - days * dayMs
  for (let index = 0; index < calls; index += 1) {
    const evenMs = startMs + ((index + 0.5) / calls) * days * dayMs
    yield generateRow(index, moveToWorkingHours(evenMs), random)
  }
}

/** Sessions of 40 calls, 50 at a time; their ids are in no order, as those of Claude Code. */
function nameSession(index: number): string {
  const session = Math.floor(index / 2_000) * 50 + (index % 50)
  return createHash('md5').update(String(session)).digest('hex')
}

function generateRow(index: number, startedAtMs: number, random: () => number): CallRow {
  // The square gives the first keys most of the calls.
  const key = Math.floor(random() ** 2 * population.keys)
  const model = models[Math.min(models.length - 1, Math.floor(random() ** 2 * 3))]!
  const usage = {
    input_tokens: 200 + Math.floor(random() * 4_000),
    cache_read_input_tokens: Math.floor(random() * 60_000),
    cache_creation_input_tokens: Math.floor(random() * 8_000),
    output_tokens: 50 + Math.floor(random() * 2_000),
  }
  const luck = random()
  const outcome = luck < 0.02 ? 'upstream_error' : luck < 0.03 ? 'client_closed' : 'answered'
  const isAnswer = outcome !== 'upstream_error'
  const upstream = Math.floor(random() ** 2 * population.upstreams)
  return {
    start: {
      id: printRequestId(
        startedAtMs,
        `${index.toString(36).padStart(6, '0')}${Math.floor(random() * 2 ** 40).toString(36)}`,
      ),
      started_at_ms: startedAtMs,
      protocol: 'messages',
      key_id: `key_${key}`,
      workspace_id: `wrk_${key % population.workspaces}`,
      member_id: `mbr_${key % population.members}`,
      labels: `{"project":"project-${key % population.projects}"}`,
      requested_model: model.id,
      model: model.id,
      upstream: ['claude', 'bedrock-us', 'vertex-eu'][upstream]!,
      platform: ['anthropic', 'bedrock', 'vertex'][upstream]!,
      streamed: random() < 0.8,
      session_id: nameSession(index),
      agent_id: null,
      parent_agent_id: null,
      hold_nano_usd: null,
      process_id: null,
    },
    end: {
      outcome,
      status: isAnswer ? 200 : 529,
      attempts: random() < 0.03 ? 2 : 1,
      stop_reason: isAnswer ? 'end_turn' : null,
      error_type: isAnswer ? null : 'overloaded_error',
      message_id: isAnswer ? `msg_${index.toString(36)}` : null,
      upstream_request_id: `req_up_${index.toString(36)}`,
      first_byte_ms: 300,
      first_token_ms: isAnswer ? 400 : null,
      total_ms: 5_000,
      usage: isAnswer ? JSON.stringify(usage) : null,
      usage_source: isAnswer ? (outcome === 'answered' ? 'final' : 'estimated') : null,
      price: isAnswer ? computePrice(usage, model) : null,
      details: null,
    },
  }
}

const dayMs = rollupSpans.day

const workingHours = { fromHour: 8, toHour: 18 } as const
/** The part of a day's calls that is spread over all of its hours; the others are in working hours. */
const evenPart = 1 / 3

/** Moves two thirds of evenly spread times into the working hours of their day. Keeps their order. */
function moveToWorkingHours(timeMs: number): number {
  const dayStartMs = Math.floor(timeMs / dayMs) * dayMs
  const part = (timeMs - dayStartMs) / dayMs
  const { fromHour, toHour } = workingHours
  const before = (evenPart * fromHour) / 24
  const within = (evenPart * (toHour - fromHour)) / 24 + (1 - evenPart)
  const perQuietHour = evenPart / 24
  const hour =
    part < before
      ? part / perQuietHour
      : part < before + within
        ? fromHour + ((part - before) / within) * (toHour - fromHour)
        : toHour + (part - before - within) / perQuietHour
  return Math.floor(dayStartMs + hour * rollupSpans.hour)
}

/** A small generator of numbers below 1 (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
