import { SpanKind, SpanStatusCode, ROOT_CONTEXT, createTraceState, trace } from '@opentelemetry/api'
import type { Span, Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace'

import type { ClientRequest } from '../http/client-exchange.ts'
import type { Log } from '../log.ts'
import type { AttemptStart, CallRecord } from './call-record.ts'
import { metric } from './metric-table.ts'
import { countSpans } from './span-counts.ts'
import type { SpanCounts } from './span-counts.ts'
import {
  getAttemptStartAttributes,
  getAttemptEndAttributes,
  getStartAttributes,
  getEndAttributes,
  getApiErrorAttributes,
} from './span-attributes.ts'
import { parseTraceParent, printTraceParent } from './trace-parent.ts'
import type { AttemptTrace, CallTrace, TelemetryConfig, Tracing } from './tracing.ts'
import type { ProxyAgents } from '../upstreams/proxies/choose-proxy.ts'

/** Maximum spans in the queue for the collector; more are dropped, without an effect on calls. */
const maxWaitingSpans = 4_096
const maxBatchSpans = 512
const batchDelayMs = 1_000
/** Timeout of one batch, including retries. */
const exportMs = 3_000
/** Timeout of the shutdown. */
const closeMs = 3_000
const maxAttributeLength = 1_024

type OtlpConfig = TelemetryConfig & { readonly otlp_endpoint: string }

/** Sends traces of calls in batches to an OpenTelemetry collector, as OTLP over HTTP in JSON. */
export function createOtlpTracing(config: OtlpConfig, log: Log, agents: ProxyAgents | null = null): Tracing {
  const counts: SpanCounts = { ended: 0, exported: 0, failed: 0 }
  const exporter = new OTLPTraceExporter({
    url: `${config.otlp_endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers: { ...config.otlp_headers },
    timeoutMillis: exportMs,
    ...(agents !== null && {
      httpAgentOptions: (protocol: string) => (protocol === 'https:' ? agents.https : agents.http),
    }),
  })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': config.service_name ?? 'anthology' }),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(config.sample_ratio ?? 1) }),
    spanLimits: { attributeValueLengthLimit: maxAttributeLength },
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: countSpans(exporter, counts, log),
        maxQueueSize: maxWaitingSpans,
        maxExportBatchSize: maxBatchSpans,
        scheduledDelayMillis: batchDelayMs,
        exportTimeoutMillis: exportMs,
      }),
    ],
  })
  const tracer = provider.getTracer('anthology')
  const spans = { tracer, counts, forwards: config.forward_trace === true }

  return {
    begin: ({ id, request }, protocol) => new OtlpCallTrace(spans, { id, request, protocol }),
    getMetrics: () => [
      metric(
        'anthology_trace_spans_total',
        Object.entries(counts).map(([result, value]) => ({ labels: { result }, value })),
      ),
    ],
    close: () => closeWithin(provider, closeMs),
  }
}

/** Spans not sent in time are lost: an absent collector must not delay the shutdown. */
async function closeWithin(provider: TracerProvider, deadlineMs: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, deadlineMs)
  // `countSpans` has counted and logged failed batches.
  await Promise.race([provider.shutdown().catch(() => {}), late])
  clearTimeout(timer)
}

interface Spans {
  readonly tracer: Tracer
  readonly counts: SpanCounts
  readonly forwards: boolean
}

interface SpanStart {
  readonly id: string
  readonly request: ClientRequest
  readonly protocol: string
}

/** A server span for the call, with a client span for each attempt below it. */
class OtlpCallTrace implements CallTrace {
  #spans: Spans
  #span: Span
  #ended = false

  constructor(spans: Spans, { id, request, protocol }: SpanStart) {
    this.#spans = spans
    const { headers } = request
    // The client that started the trace decides whether it is recorded; the sampler follows its flag.
    const parent = parseTraceParent(headers['traceparent'])
    const state = headers['tracestate']
    const traceState = typeof state === 'string' ? createTraceState(state) : undefined
    const context =
      parent === null
        ? ROOT_CONTEXT
        : trace.setSpanContext(ROOT_CONTEXT, {
            ...parent,
            isRemote: true,
            ...(traceState === undefined ? {} : { traceState }),
          })
    this.#span = spans.tracer.startSpan('chat', { kind: SpanKind.SERVER }, context)
    if (!this.#span.isRecording()) return
    const host = headers.host ?? headers[':authority']
    // Without a port the scheme's default applies.
    const scheme = 'encrypted' in request.socket ? 'https' : 'http'
    const address = typeof host === 'string' ? URL.parse(`${scheme}://${host}`) : null
    this.#span.setAttributes(getStartAttributes(id, protocol, address))
  }

  attempt(start: AttemptStart): AttemptTrace {
    const { tracer, forwards } = this.#spans
    if (!this.#span.isRecording() && !forwards) return notRecorded
    const attributes = getAttemptStartAttributes(start)
    const span = tracer.startSpan(
      `${start.operation} ${start.modelName}`,
      { kind: SpanKind.CLIENT, attributes },
      trace.setSpan(ROOT_CONTEXT, this.#span),
    )
    return {
      headers: forwards ? getTraceHeaders(span) : {},
      end: (end) => {
        span.setAttributes(getAttemptEndAttributes(end))
        // In a client span, a status of 400 or above is an error ("HTTP spans" of the conventions).
        if (end.outcome !== 'answered') span.setStatus({ code: SpanStatusCode.ERROR })
        this.#finish(span)
      },
    }
  }

  end(record: CallRecord): void {
    if (!this.#span.isRecording()) return
    const { operation, requestedModel, row } = record
    this.#span.updateName(`${operation} ${requestedModel}`)
    this.#end(getEndAttributes(record), (row.status ?? 0) >= 500 || row.outcome === 'upstream_aborted')
  }

  fail(error: unknown): void {
    const attributes = getApiErrorAttributes(error)
    this.#end(attributes, Number(attributes['http.response.status_code']) >= 500)
  }

  /** In a server span, 4xx is the client's fault and not an error ("HTTP spans" of the conventions). */
  #end(attributes: ReturnType<typeof getApiErrorAttributes>, failed: boolean): void {
    if (this.#ended) return
    this.#ended = true
    this.#span.setAttributes(attributes)
    if (failed) this.#span.setStatus({ code: SpanStatusCode.ERROR })
    this.#finish(this.#span)
  }

  #finish(span: Span): void {
    if (span.isRecording()) this.#spans.counts.ended += 1
    span.end()
  }
}

/** For a trace that is neither recorded nor forwarded. */
const notRecorded: AttemptTrace = { headers: {}, end() {} }

function getTraceHeaders(span: Span): Record<string, string> {
  const context = span.spanContext()
  const headers: Record<string, string> = { traceparent: printTraceParent(context) }
  const state = context.traceState?.serialize() ?? ''
  if (state !== '') headers['tracestate'] = state
  return headers
}
