import type { ProtocolName } from '../protocols/protocol.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import type { Log } from '../log.ts'
import type { AttemptEnd, AttemptStart, CallRecord } from './call-record.ts'
import type { Metric } from './metric.ts'

// What the way of a call knows of traces. The libraries behind it are loaded by
// otlp-tracing.ts only where an endpoint is configured; without one there is no
// `Tracing`, and a call pays for a comparison with null.

/** The member `telemetry` of `anthology.yaml`. */
export interface TelemetryConfig {
  /** Where an OpenTelemetry collector takes OTLP over HTTP, without `/v1/traces`. */
  readonly otlp_endpoint?: string
  readonly otlp_headers?: Readonly<Record<string, string>>
  /** Share of the traces that begin here; one that a client began is its own decision. */
  readonly sample_ratio?: number
  /** Tells the upstreams of the trace: `traceparent` and `tracestate`. */
  readonly forward_trace?: boolean
  readonly service_name?: string
}

export interface Tracing {
  begin(exchange: ClientExchange, protocol: ProtocolName): CallTrace
  getMetrics(): readonly Metric[]
  /** Sends what waits, but not for longer than a few seconds. */
  close(): Promise<void>
}

/** The spans of one call. */
export interface CallTrace {
  attempt(start: AttemptStart): AttemptTrace
  end(record: CallRecord): void
  /** The call never came to an upstream, or broke on its way. */
  fail(error: unknown): void
}

export interface AttemptTrace {
  /** What tells the upstream of this trace; empty unless the configuration says so. */
  readonly headers: Readonly<Record<string, string>>
  end(end: AttemptEnd): void
}

/** Starts tracing where an endpoint is configured. */
export async function createTracing(config: TelemetryConfig, log: Log): Promise<Tracing | null> {
  const { otlp_endpoint: endpoint } = config
  if (endpoint === undefined) return null
  const { createOtlpTracing } = await import('./otlp-tracing.ts')
  return createOtlpTracing({ ...config, otlp_endpoint: endpoint }, log)
}
