import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

/** A span of OTLP's JSON, with its attributes as an object. */
export interface CollectedSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly traceState: string | undefined
  readonly startNano: bigint
  readonly endNano: bigint
  readonly statusCode: number
  readonly attributes: Readonly<Record<string, unknown>>
}

export interface Collector {
  readonly url: string
  readonly spans: readonly CollectedSpan[]
  /** Every body as received. */
  readonly text: string
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  /** The status of its responses from now on; null: it never responds. */
  answer(status: number | null): void
}

/** OTLP's SpanKind, which is the API's plus one. */
export const serverKind = 2
export const clientKind = 3

/** An HTTP server that accepts OTLP/HTTP like a collector. */
export async function startCollector(): Promise<Collector> {
  const bodies: string[] = []
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  let status: number | null = 200
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({ path: request.url ?? '', headers: request.headers })
      if (status === null) return
      if (status === 200) bodies.push(Buffer.concat(chunks).toString())
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // A server that listens on a port has this type of address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    get spans() {
      return bodies.flatMap(readSpans)
    },
    get text() {
      return bodies.join('\n')
    },
    answer: (next) => {
      status = next
    },
  }
}

interface OtlpSpan {
  readonly name: string
  readonly kind: number
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly traceState?: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code: number }
  readonly attributes: readonly { readonly key: string; readonly value: OtlpValue }[]
}

interface OtlpValue {
  readonly stringValue?: string
  readonly intValue?: number | string
  readonly doubleValue?: number
  readonly boolValue?: boolean
  readonly arrayValue?: { readonly values: readonly OtlpValue[] }
}

function readSpans(body: string): readonly CollectedSpan[] {
  // opentelemetry/proto/collector/trace/v1: ExportTraceServiceRequest, in its JSON mapping.
  const request = JSON.parse(body) as {
    resourceSpans: { scopeSpans: { spans: OtlpSpan[] }[] }[]
  }
  return request.resourceSpans
    .flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans))
    .map((span) => ({
      name: span.name,
      kind: span.kind,
      traceId: span.traceId,
      spanId: span.spanId,
      parentSpanId: span.parentSpanId,
      traceState: span.traceState,
      startNano: BigInt(span.startTimeUnixNano),
      endNano: BigInt(span.endTimeUnixNano),
      statusCode: span.status.code,
      attributes: Object.fromEntries(span.attributes.map(({ key, value }) => [key, readValue(value)])),
    }))
}

function readValue(value: OtlpValue): unknown {
  const { intValue, arrayValue } = value
  if (arrayValue !== undefined) return arrayValue.values.map(readValue)
  if (intValue !== undefined) return Number(intValue)
  return value.stringValue ?? value.doubleValue ?? value.boolValue
}
