import { models } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'

import { roles } from '../../auth/roles.ts'
import { diagnoseCaches } from '../../ledger/cache-doctor.ts'
import type { CachedCall, Diagnosis } from '../../ledger/cache-doctor.ts'
import { parseRowId } from '../../ledger/call-row.ts'
import { readNullable, readNumber, readText } from '../../store/database.ts'
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
  },
  { title: 'CacheCall' },
)

const report = describeObject(
  {
    data: describeArray(cacheCall, 'The calls, the oldest first.'),
    complete: { type: 'boolean', description: 'False: the session has more calls than these.' },
    costs: describeObject({ actual_usd: money, five_minutes_usd: money, one_hour_usd: money }),
  },
  { title: 'CacheReport' },
)

async function getReport(request: AdminRequest): Promise<object> {
  const { rows, isComplete } = await readSessionRows(request)
  const { calls, costs } = diagnoseCaches(rows.toReversed().flatMap(readCachedCall))
  return {
    data: calls.map(printDiagnosis),
    complete: isComplete,
    costs: {
      actual_usd: printUsd(costs.actualNanoUsd),
      five_minutes_usd: printUsd(costs.fiveMinutesNanoUsd),
      one_hour_usd: printUsd(costs.oneHourNanoUsd),
    },
  }
}

/** Calls without a usage, and attempts from which a call moved on, say nothing about a cache. */
function readCachedCall(row: SqlRow): readonly CachedCall[] {
  const id = readText(row, 'id')
  const model = models.find((known) => known.id === row['model'])
  if (model === undefined || row['usage'] === null || parseRowId(id).attempt !== null) return []
  const count = (name: string) => Number(row[`${name}_quantity`] ?? 0)
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
  }
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
