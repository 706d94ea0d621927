import { models } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'

import { roles } from '../../auth/roles.ts'
import { listBreakpoints, settings } from '../../ledger/block-tags.ts'
import type { BlockTags } from '../../ledger/block-tags.ts'
import { diagnoseCaches } from '../../ledger/cache-doctor.ts'
import type { CachedCall, Diagnosis } from '../../ledger/cache-doctor.ts'
import { readDetails } from '../../ledger/call-details.ts'
import { parseRowId } from '../../ledger/call-row.ts'
import { readInteger, readNullable, readNumber, readText } from '../../store/database.ts'
import type { SqlRow } from '../../store/database.ts'
import { printUsd } from './call-view.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeArray,
  describeObject,
  describeOptions,
  describeText,
  describeTime,
  orNull,
} from './schema.ts'
import { pickParameters, readSessionRows } from './sessions.ts'

const money = orNull(describeText('In US dollars; null: the price is not known.'))

const place = {
  part: { enum: ['tools', 'system', 'messages'] },
  block: orNull({
    type: 'integer',
    description: 'The block of a message, from 1; null where none is known.',
  }),
}

const change = describeObject(
  {
    ...place,
    part: { enum: ['tools', 'system', 'messages', 'settings'] },
    from: orNull({
      type: 'integer',
      description: 'The number of the tool, the system block or the message, from 1.',
    }),
    to: orNull({
      type: 'integer',
      description: 'As from, or the end of a range: long conversations have one hash for several messages.',
    }),
    setting: orNull({ enum: [...settings] }),
    kind: { enum: ['changed', 'added', 'removed', 'moved'] },
  },
  { title: 'PrefixChange' },
)

const breakpoint = describeObject(
  {
    ...place,
    number: { type: 'integer', description: 'Of the tool, the system block or the message, from 1.' },
    lifetime: { enum: ['5m', '1h'] },
  },
  { title: 'CacheBreakpoint' },
)

const cacheCall = describeObject(
  {
    id: { type: 'string' },
    started_at: describeTime('When it began.'),
    agent_id: orNull({ type: 'string' }),
    model: { type: 'string' },
    state: {
      enum: ['first', 'hit', 'changed', 'expired', 'uncached'],
      description:
        'first: nothing was cached before. hit: all of it was read. changed: a part was not read although its time had not ended. expired: its time had ended. uncached: neither written nor read.',
    },
    gap_ms: orNull({ type: 'integer', description: 'Since the call before it of the same agent and model.' }),
    input_tokens: { type: 'integer' },
    written_tokens: { type: 'integer' },
    read_tokens: { type: 'integer' },
    lost_tokens: { type: 'integer', description: 'Cached before, and not read.' },
    extra_usd: money,
    comparison: {
      enum: ['changed', 'same', 'unknown'],
      description:
        'The blocks of a call that lost tokens, compared with those that the call before had cached. unknown: the hashes of both are not known, or the call lost nothing.',
    },
    change: orNull(change),
    breakpoints: describeArray(breakpoint, 'The cache breakpoints of the request.'),
  },
  { title: 'CacheCall' },
)

const report = describeObject(
  {
    data: describeArray(cacheCall, 'The calls, the oldest first.'),
    complete: { type: 'boolean', description: 'False: the session has more calls than these.' },
    costs: describeObject({ actual_usd: money, five_minutes_usd: money, one_hour_usd: money }),
    pauses: describeObject(
      { five_minutes: { type: 'integer' }, one_hour: { type: 'integer' }, longer: { type: 'integer' } },
      { title: 'CachePauses' },
    ),
  },
  { title: 'CacheReport' },
)

async function getReport(request: AdminRequest): Promise<object> {
  const { rows, isComplete } = await readSessionRows(request, { withDetails: true })
  const { calls, costs, pauses } = diagnoseCaches(rows.toReversed().flatMap(readCachedCall))
  return {
    data: calls.map(printDiagnosis),
    complete: isComplete,
    costs: {
      actual_usd: printUsd(costs.actualNanoUsd),
      five_minutes_usd: printUsd(costs.fiveMinutesNanoUsd),
      one_hour_usd: printUsd(costs.oneHourNanoUsd),
    },
    pauses: { five_minutes: pauses.fiveMinutes, one_hour: pauses.oneHour, longer: pauses.longer },
  }
}

/** Calls without a usage, and attempts from which a call moved on, say nothing about a cache. */
function readCachedCall(row: SqlRow): readonly CachedCall[] {
  const id = readText(row, 'id')
  const model = models.find((known) => known.id === row['model'])
  if (model === undefined || row['usage'] === null || parseRowId(id).attempt !== null) return []
  const count = (name: string) => Number(row[`${name}_quantity`] ?? 0)
  const readPrice = (name: string) => readNullable(row, `${name}_pico_usd`, readInteger)
  return [
    {
      id,
      startedAtMs: readNumber(row, 'started_at_ms'),
      agentId: readNullable(row, 'agent_id', readText),
      model,
      upstream: readText(row, 'upstream'),
      platform: readText(row, 'platform') as Platform, // Written by the gateway.
      input: count('input'),
      write5m: count('cache_write_5m'),
      write1h: count('cache_write_1h'),
      read: count('cache_read'),
      unitPrices: {
        input: readPrice('input'),
        write5m: readPrice('cache_write_5m'),
        write1h: readPrice('cache_write_1h'),
        read: readPrice('cache_read'),
      },
      blocks: readDetails(row['details']).blocks,
    },
  ]
}

function printDiagnosis(call: Diagnosis): object {
  return {
    id: call.id,
    started_at: new Date(call.startedAtMs).toISOString(),
    agent_id: call.agentId,
    model: call.model,
    state: call.state,
    gap_ms: call.gapMs,
    input_tokens: call.input,
    written_tokens: call.written,
    read_tokens: call.read,
    lost_tokens: call.lost,
    extra_usd: printUsd(call.extraNanoUsd),
    comparison: typeof call.change === 'string' ? call.change : 'changed',
    change: typeof call.change === 'string' ? null : { ...noChange, ...call.change },
    breakpoints: call.blocks === null ? [] : printBreakpoints(call.blocks),
  }
}

const noChange = { from: null, to: null, block: null, setting: null }

function printBreakpoints(blocks: BlockTags): readonly object[] {
  return listBreakpoints(blocks).map(({ part, from, block, lifetime }) => ({
    part,
    number: from,
    block,
    lifetime,
  }))
}

export const cacheRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/sessions/{id}/cache',
    roles,
    operation: 'getSessionCache',
    summary: 'Shows which calls of a session read or lost a cached prefix, and which time to live is cheaper',
    query: describeOptions(pickParameters(['since', 'until'])),
    answer: report,
    example: { parameters: { id: 'example' } },
    serve: getReport,
  },
]
