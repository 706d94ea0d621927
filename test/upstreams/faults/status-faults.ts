import { describeFaultError } from './fault.ts'
import type { Fault, FaultyRequest } from './fault.ts'

/** Answers with an error status. */
export const statusFaults = {
  'status-401': fail(401),
  'status-403': fail(403),
  'status-404': fail(404),
  'status-408': fail(408, { mayBill: true, moves: 'none' }),
  'status-413': fail(413),
  'status-424': fail(424, { mayBill: true }),
  'spend-429': fail(429, { name: '429 for a spending limit', text: 'Your spend limit is reached' }),
  'spend-402': fail(402),
  'spend-400': fail(400, { name: '400 for exhausted credit', text: 'Your credit balance is too low' }),
  'status-500': fail(500),
  'status-503': fail(503),
  'status-504': fail(504, { mayBill: true, moves: 'none' }),
  'status-529': fail(529),
} as const satisfies Record<string, Fault>

/** Exhausted quotas, with every kind of `retry-after`. The upstream is not asked again until its time has passed. */
export const quotaFaults = {
  'status-429': fail(429),
  'later-now': failLater('0', () => '0'),
  'later-seconds': failLater('30', () => '30'),
  'later-date': failLater('the date in 30 seconds', (nowMs) => new Date(nowMs + 30_000).toUTCString()),
  'later-past': failLater('a date of the past', () => 'Wed, 21 Oct 2015 07:28:00 GMT'),
  'later-huge': failLater('99999999999', () => '99999999999'),
  'later-garbage': failLater('soon', () => 'soon'),
  'later-negative': failLater('-5', () => '-5'),
} as const satisfies Record<string, Fault>

interface StatusOptions {
  readonly name?: string
  readonly text?: string
  readonly getHeaders?: (nowMs: number) => Readonly<Record<string, string>>
  /** Default: false. */
  readonly mayBill?: boolean
  readonly moves?: Fault['moves']
}

function fail(
  status: number,
  {
    name = String(status),
    text = 'no',
    getHeaders = () => ({}),
    mayBill = false,
    moves = 'all',
  }: StatusOptions = {},
): Fault {
  return {
    description: name,
    mayBill,
    moves,
    answer: ({ upstream, response, nowMs }: FaultyRequest) => {
      const { headers: own, body } = describeFaultError(upstream, status, text)
      response.writeHead(status, { 'content-type': 'application/json', ...own, ...getHeaders(nowMs) })
      response.end(body)
    },
  }
}

function failLater(name: string, print: (nowMs: number) => string): Fault {
  const getHeaders = (nowMs: number) => ({ 'retry-after': print(nowMs) })
  return fail(429, { name: `429 with retry-after ${name}`, getHeaders })
}
