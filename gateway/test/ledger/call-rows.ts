import type { DatabaseSync } from 'node:sqlite'

import type { CallEnd, CallRow, CallStart } from '../../src/ledger/call-row.ts'
import { createCallWriter } from '../../src/store/sqlite/call-writer.ts'
import { decodeBatch, encodeBatch } from '../../src/ledger/row-codec.ts'
import type { JournalPart } from '../../src/store/sink.ts'

/** Encodes and decodes rows as a journal does. Calls without an end are listed as open. */
export function createPart(rows: readonly CallRow[], given: Partial<JournalPart> = {}): JournalPart {
  const begun = rows.filter(({ end }) => end === null).map(({ start }) => start)
  const ended = rows.flatMap(({ start, end }) => (end === null ? [] : [{ start, end }]))
  const { starts, ...batch } = decodeBatch(encodeBatch(begun, ended, []))
  const opened = starts.map((start) => ({ id: String(start[0]), source: 'own', start }))
  return { ...batch, opened, closed: ended.map(({ start }) => start.id), positions: [], ...given }
}

/** Writes rows into a ledger. */
export function writeRows(database: DatabaseSync, ...lists: readonly (readonly CallRow[])[]): void {
  const writer = createCallWriter(database)
  for (const rows of lists) writer.write(createPart(rows))
}

/** The start of an ordinary call. */
export function callStart(given: Partial<CallStart> = {}): CallStart {
  return {
    id: 'req_1',
    started_at_ms: 1_000,
    protocol: 'messages',
    key_id: 'key_1',
    workspace_id: 'default',
    member_id: null,
    labels: null,
    hold_nano_usd: null,
    process_id: null,
    requested_model: 'claude-opus-4-1',
    model: 'claude-opus-4-1-20250805',
    upstream: 'recorder',
    platform: 'anthropic',
    streamed: false,
    session_id: null,
    agent_id: null,
    parent_agent_id: null,
    ...given,
  }
}

/** The end of an answered call: 25 input and 15 output tokens, on Opus 4.1. */
export function callEnd(given: Partial<CallEnd> = {}): CallEnd {
  return {
    outcome: 'answered',
    status: 200,
    attempts: 1,
    stop_reason: 'end_turn',
    error_type: null,
    message_id: 'msg_01',
    upstream_request_id: null,
    first_byte_ms: 5,
    first_token_ms: null,
    total_ms: 10,
    usage: '{"input_tokens":25,"output_tokens":15}',
    usage_source: 'final',
    price: getPriceTokens(25n, 15n),
    details: null,
    ...given,
  }
}

/** At $15 and $75 per million tokens. */
export function getPriceTokens(input: bigint, output: bigint): NonNullable<CallEnd['price']> {
  return {
    ok: true,
    rateCard: 'card',
    unpriced: [],
    lines: [
      {
        component: 'input',
        quantity: input,
        unit: 'token',
        picoUsdPerUnit: 15_000_000n,
        costNanoUsd: input * 15_000n,
        modifiers: [],
      },
      {
        component: 'output',
        quantity: output,
        unit: 'token',
        picoUsdPerUnit: 75_000_000n,
        costNanoUsd: output * 75_000n,
        modifiers: [],
      },
    ],
    totalNanoUsd: input * 15_000n + output * 75_000n,
  }
}
