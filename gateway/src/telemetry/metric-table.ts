import type { Aggregator, Metric, MetricType, Sample } from './metric.ts'

interface MetricRow {
  readonly type: MetricType
  readonly labels: readonly string[]
  readonly help: string
  /** Default: `sum`. */
  readonly aggregator?: Aggregator
}

const call = ['protocol', 'model', 'upstream'] as const

/**
 * Every metric. Labels have few values: protocols, the catalog's models, configured
 * upstreams, names in our own tables; never a key, a request or a client's text.
 */
export const metricTable = {
  anthology_calls_total: {
    type: 'counter',
    labels: [...call, 'operation', 'outcome', 'status'],
    help: 'Ended calls that reached an upstream, by outcome and by the class of the status that the client received',
  },
  anthology_call_duration_seconds: {
    type: 'histogram',
    labels: call,
    help: 'Time from the request to the end of the response, without count_tokens',
  },
  anthology_call_first_byte_seconds: {
    type: 'histogram',
    labels: call,
    help: "Time from the request to the headers of the upstream's response, without count_tokens",
  },
  anthology_call_first_token_seconds: {
    type: 'histogram',
    labels: call,
    help: 'Time from the request to the first content of a streamed response',
  },
  anthology_tokens_total: {
    type: 'counter',
    labels: [...call, 'kind'],
    help: 'Tokens as reported in the responses; input is neither read from a cache nor written to it',
  },
  anthology_cost_nano_usd_total: {
    type: 'counter',
    labels: call,
    help: 'Cost of the calls in nano-dollars; the cost of batches is only in the ledger',
  },
  anthology_unpriced_calls_total: {
    type: 'counter',
    labels: call,
    help: 'Calls with usage but without a known price; their cost in the ledger is unknown, not zero',
  },
  anthology_estimated_calls_total: {
    type: 'counter',
    labels: call,
    help: 'Calls that ended before the upstream had reported their output, so that their tokens and cost are estimates',
  },
  anthology_attempts_total: {
    type: 'counter',
    labels: ['upstream', 'outcome'],
    help: 'Requests to upstreams for calls; a call may have several',
  },
  anthology_upstream_errors_total: {
    type: 'counter',
    labels: ['upstream', 'type'],
    help: 'Error responses of upstreams, by the type in their body; types that the API does not define are `other`',
  },
  anthology_retries_total: {
    type: 'counter',
    labels: ['upstream'],
    help: 'Failed attempts that were followed by another attempt at the same upstream',
  },
  anthology_moves_total: {
    type: 'counter',
    labels: ['upstream', 'to'],
    help: 'Failed attempts that were followed by an attempt at another upstream',
  },
  anthology_upstream_first_token_seconds: {
    type: 'histogram',
    labels: ['upstream', 'model'],
    help: 'Time from the request to an upstream to the first content of its streamed response',
  },
  anthology_upstream_calls: {
    type: 'gauge',
    labels: ['upstream'],
    help: 'Calls that are running at this upstream',
  },
  anthology_circuit_open: {
    type: 'gauge',
    labels: ['upstream', 'model'],
    help: 'Processes whose circuit for this model (`*`: for all models of the upstream) is open; without a value nothing has failed since the last answer',
  },
  anthology_circuit_openings_total: {
    type: 'counter',
    labels: ['upstream', 'model'],
    help: 'Number of times that the circuit of this model has opened; a failed probe keeps it open and does not count',
  },
  anthology_quota_blocked: {
    type: 'gauge',
    labels: ['upstream', 'model', 'quota'],
    help: 'Processes that wait for an exhausted quota of this model (`messages`, `fast` for fast mode, `token_count`); without a value nothing has failed since the last answer',
  },
  anthology_quota_used_tokens: {
    type: 'gauge',
    labels: ['upstream', 'model'],
    help: 'Tokens that calls of the last minute take of a quota which the upstream does not report (Bedrock), with the reservations of running calls',
  },
  anthology_quota_limit_tokens: {
    type: 'gauge',
    labels: ['upstream', 'model'],
    help: 'The configured tokens per minute of such a quota (`tokens_per_minute`)',
    aggregator: 'max',
  },
  anthology_credential_rejected: {
    type: 'gauge',
    labels: ['upstream'],
    help: '1 if the upstream rejected the credential within the last minute and has answered no call since',
    aggregator: 'max',
  },
  anthology_api_errors_total: {
    type: 'counter',
    labels: ['code'],
    help: 'Errors of the gateway itself, by code',
  },
  anthology_budget_events_total: {
    type: 'counter',
    labels: ['event'],
    help: 'Budgets: holds that were refused, calls that a budget which only warns would have refused, and thresholds reached; with several workers the log has the thresholds',
  },
  anthology_calls_in_flight: { type: 'gauge', labels: [], help: 'Running calls' },
  anthology_open_streams: { type: 'gauge', labels: [], help: 'Streamed responses in progress' },
  anthology_held_body_bytes: { type: 'gauge', labels: [], help: 'Request bodies in memory' },
  anthology_stored_bodies_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Calls whose prompt and answer were stored, were dropped because no memory was left for them, or failed at the disk; without a value they are not stored',
  },
  anthology_queued_calls: {
    type: 'gauge',
    labels: [],
    help: 'Calls in the queues for upstreams',
  },
  anthology_connections: { type: 'gauge', labels: ['kind'], help: 'Open connections from clients' },
  anthology_ledger_rows_waiting: {
    type: 'gauge',
    labels: [],
    help: 'Rows that are not in the journal yet, because it cannot be written',
  },
  anthology_ledger_lag_records: {
    type: 'gauge',
    labels: [],
    help: 'Rows in the journal that the database does not have yet',
  },
  anthology_ledger_lag_bytes: {
    type: 'gauge',
    labels: [],
    help: 'Bytes of the journal that the database does not have yet',
  },
  anthology_ledger_lag_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Age of the oldest row that the database does not have yet',
    aggregator: 'max',
  },
  anthology_ledger_commit_seconds: {
    type: 'histogram',
    labels: [],
    help: 'Time from the end of a call until its row is in the journal',
  },
  anthology_ledger_healthy: {
    type: 'gauge',
    labels: [],
    help: '1 while the ledger is writable, 0 while calls are rejected because it is not',
    aggregator: 'min',
  },
  anthology_limit: {
    type: 'gauge',
    labels: ['name'],
    help: 'Each limit as configured, in the unit at the end of its name',
    aggregator: 'first',
  },
  anthology_limit_reached_total: {
    type: 'counter',
    labels: ['name'],
    help: 'Number of times each limit had an effect, such as a rejected request or a closed connection',
  },
  anthology_trace_spans_total: {
    type: 'counter',
    labels: ['result'],
    help: 'Ended spans, and how many of them were exported or failed; the rest is queued or was dropped',
  },
  process_resident_memory_bytes: { type: 'gauge', labels: [], help: 'Resident memory' },
  process_heap_bytes: { type: 'gauge', labels: [], help: 'Memory of the JavaScript heap in use' },
  process_cpu_seconds_total: { type: 'counter', labels: ['mode'], help: 'CPU time, in user and system mode' },
  process_open_fds: { type: 'gauge', labels: [], help: 'Open file descriptors, if the system reports them' },
  process_start_time_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Start of the process, in seconds since 1970',
    aggregator: 'min',
  },
  nodejs_eventloop_lag_p99_seconds: {
    type: 'gauge',
    labels: [],
    help: 'Delay of the event loop, p99 since the last scrape',
    aggregator: 'max',
  },
  nodejs_gc_duration_seconds: {
    type: 'histogram',
    labels: ['kind'],
    help: 'Pauses of the garbage collector since the first scrape',
  },
} as const satisfies Record<string, MetricRow>

export type MetricName = keyof typeof metricTable

/** Creates a metric with its current values. */
export function metric(name: MetricName, values: readonly Sample[]): Metric {
  const { type, help, aggregator = 'sum' }: MetricRow = metricTable[name]
  return { name, help, type, aggregator, values }
}

/** Creates a gauge without labels. */
export function gauge(name: MetricName, value: number): Metric {
  return metric(name, [{ labels: {}, value }])
}
