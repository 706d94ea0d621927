import type { ProtocolName } from '../protocols/protocol.ts'
import type { ClientExchange } from '../http/client-exchange.ts'
import type { Log } from '../log.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'
import type { AttemptEnd, AttemptStart, CallRecord } from './call-record.ts'
import type { Metric } from './metric.ts'

// The tracing interface of the request path. otlp-tracing.ts loads the libraries
// only if an endpoint is configured; without one there is no `Tracing`, and a call
// costs one comparison with null.

/** The member `telemetry` of `anthology.yaml`. */
export interface TelemetryConfig {
  /** The URL of an OpenTelemetry collector that accepts OTLP over HTTP, without `/v1/traces`. */
  readonly otlp_endpoint?: string
  readonly otlp_headers?: Readonly<Record<string, string>>
  /** Share of recorded traces among those that start here; a client decides for its own. */
  readonly sample_ratio?: number
  /** Sends `traceparent` and `tracestate` to the upstreams. */
  readonly forward_trace?: boolean
  readonly service_name?: string
}

export interface Tracing {
  begin(exchange: ClientExchange, protocol: ProtocolName): CallTrace
  getMetrics(): readonly Metric[]
  /** Sends queued spans, with a deadline of a few seconds. */
  close(): Promise<void>
}

/** The spans of one call. */
export interface CallTrace {
  attempt(start: AttemptStart): AttemptTrace
  end(record: CallRecord): void
  /** The call failed before its first attempt or with an exception. */
  fail(error: unknown): void
}

export interface AttemptTrace {
  /** Trace headers for the upstream; empty unless `forward_trace` is set. */
  readonly headers: Readonly<Record<string, string>>
  end(end: AttemptEnd): void
}

/** Starts tracing if an endpoint is configured. */
export async function createTracing(
  config: TelemetryConfig,
  log: Log,
  { agents }: Pick<ProxyChoice, 'agents'>,
): Promise<Tracing | null> {
  const { otlp_endpoint: endpoint } = config
  if (endpoint === undefined) return null
  const { createOtlpTracing } = await import('./otlp-tracing.ts')
  return createOtlpTracing({ ...config, otlp_endpoint: endpoint }, log, agents)
}
