import type { UsageFields } from '@anthology/wire'

import type { CallEnd, CallOutcome } from '../ledger/call-row.ts'
import type { Leg } from '../calls/attempt.ts'
import { type Histogram, callBounds, createHistogram, histogramSamples, observe } from './histogram.ts'
import type { MetricFamily, Sample } from './metric.ts'
import { type MetricName, family } from './metric-table.ts'
import { type TokenCounts, readTokens, tokenKinds } from './token-counts.ts'

/** What is counted of a call that was settled: the row that was written of it, and the usage that it was priced by. */
export interface SettledCall {
  readonly leg: {
    readonly call: Pick<Leg['call'], 'model' | 'billable'> & {
      readonly door: Pick<Leg['call']['door'], 'name'>
    }
    readonly attempt: { readonly account: Pick<Leg['attempt']['account'], 'name'> }
  }
  readonly row: CountedRow
  readonly usage: UsageFields | null
}

type CountedRow = Pick<
  CallEnd,
  'outcome' | 'status' | 'total_ms' | 'first_byte_ms' | 'first_token_ms' | 'price'
>

/** Counts calls by door, model and upstream. A call adds to records that are there already; text is made at the scrape. */
export interface CallCounts {
  add(settled: SettledCall): void
  families(): readonly MetricFamily[]
}

interface Series {
  readonly door: string
  readonly model: string
  readonly upstream: string
  /** By outcome and class of status; a call that is free has an array of its own. */
  readonly chats: Float64Array
  readonly countings: Float64Array
  readonly duration: Histogram
  readonly firstByte: Histogram
  readonly firstToken: Histogram
  readonly tokens: TokenCounts
  /** A bigint, because a counter that runs for a year must not lose nano-dollars. */
  costNanoUsd: bigint
  unpriced: number
}

export function createCallCounts(): CallCounts {
  // Maps within maps: a key joined of the three names would be a new string for every call.
  const doors = new Map<string, Map<string, Map<string, Series>>>()
  const all: Series[] = []

  function seriesOf(door: string, model: string, upstream: string): Series {
    const found = doors.get(door)?.get(model)?.get(upstream)
    if (found !== undefined) return found
    const made = createSeries(door, model, upstream)
    const models = doors.get(door) ?? new Map<string, Map<string, Series>>()
    const upstreams = models.get(model) ?? new Map<string, Series>()
    doors.set(door, models.set(model, upstreams.set(upstream, made)))
    all.push(made)
    return made
  }

  return {
    add({ leg: { call, attempt }, row, usage }) {
      const series = seriesOf(call.door.name, call.model.id, attempt.account.name)
      const cell = cellOf(row)
      const cells = call.billable ? series.chats : series.countings
      cells[cell] = (cells[cell] ?? 0) + 1
      if (!call.billable) return
      if (row.total_ms !== null) observe(series.duration, row.total_ms / 1_000)
      if (row.first_byte_ms !== null) observe(series.firstByte, row.first_byte_ms / 1_000)
      if (row.first_token_ms !== null) observe(series.firstToken, row.first_token_ms / 1_000)
      if (usage !== null) addTokens(series.tokens, readTokens(usage))
      if (row.price?.ok === true) series.costNanoUsd += row.price.totalNanoUsd
      else if (row.price !== null) series.unpriced += 1
    },
    families: () => describe(all),
  }
}

function createSeries(door: string, model: string, upstream: string): Series {
  return {
    door,
    model,
    upstream,
    chats: new Float64Array(outcomes.length * statuses.length),
    countings: new Float64Array(outcomes.length * statuses.length),
    duration: createHistogram(callBounds),
    firstByte: createHistogram(callBounds),
    firstToken: createHistogram(callBounds),
    tokens: { input: 0, cache_read: 0, cache_write: 0, output: 0 },
    costNanoUsd: 0n,
    unpriced: 0,
  }
}

/** In the order of the cells. */
const outcomes = [
  'answered',
  'refused',
  'client_gone',
  'upstream_died',
  'unknown',
] as const satisfies readonly CallOutcome[]
const statuses = ['none', '1xx', '2xx', '3xx', '4xx', '5xx'] as const

function cellOf({ outcome, status }: CountedRow): number {
  const statusClass = status === null ? 0 : Math.min(Math.trunc(status / 100), statuses.length - 1)
  return outcomes.indexOf(outcome) * statuses.length + statusClass
}

function addTokens(sum: TokenCounts, more: TokenCounts): void {
  for (const kind of tokenKinds) sum[kind] += more[kind]
}

function describe(all: readonly Series[]): readonly MetricFamily[] {
  const each = (name: MetricName, samplesOf: (series: Series, labels: CallLabels) => readonly Sample[]) =>
    family(
      name,
      all.flatMap((series) => samplesOf(series, labelsOf(series))),
    )
  const histogram = (name: MetricName, pick: (series: Series) => Histogram) =>
    each(name, (series, labels) => histogramSamples(name, pick(series), labels))

  return [
    each('anthology_calls_total', (series, labels) => [
      ...outcomeSamples(series.chats, { ...labels, operation: 'chat' }),
      ...outcomeSamples(series.countings, { ...labels, operation: 'count_tokens' }),
    ]),
    histogram('anthology_call_duration_seconds', ({ duration }) => duration),
    histogram('anthology_call_first_byte_seconds', ({ firstByte }) => firstByte),
    histogram('anthology_call_first_token_seconds', ({ firstToken }) => firstToken),
    each('anthology_tokens_total', ({ tokens }, labels) =>
      tokenKinds.map((kind) => ({ labels: { ...labels, kind }, value: tokens[kind] })),
    ),
    each('anthology_cost_nano_usd_total', ({ costNanoUsd }, labels) => [
      { labels, value: Number(costNanoUsd) },
    ]),
    each('anthology_unpriced_calls_total', ({ unpriced }, labels) => [{ labels, value: unpriced }]),
  ]
}

type CallLabels = { readonly door: string; readonly model: string; readonly upstream: string }

function labelsOf({ door, model, upstream }: Series): CallLabels {
  return { door, model, upstream }
}

/** Only what happened: most outcomes never have most statuses. */
function outcomeSamples(
  cells: Float64Array,
  labels: CallLabels & { readonly operation: string },
): readonly Sample[] {
  return outcomes.flatMap((outcome, row) =>
    statuses.flatMap((status, column) => {
      const value = cells[row * statuses.length + column] ?? 0
      return value === 0 ? [] : [{ labels: { ...labels, outcome, status }, value }]
    }),
  )
}
