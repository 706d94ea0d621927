/** The caller's span, as in W3C Trace Context. */
export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

/**
 * Reads a `traceparent`. Returns null for a header that is invalid, repeated or of
 * version ff; the specification then requires a new trace. Later versions may have
 * more fields after the flags.
 * Source: https://www.w3.org/TR/trace-context/, "Traceparent Header".
 */
export function parseTraceParent(header: string | string[] | undefined): TraceParent | null {
  if (typeof header !== 'string' || header.length > maxLength) return null
  const [, version = '', traceId = '', spanId = '', flags = '', rest] = pattern.exec(header) ?? []
  if (traceId === '' || version === 'ff' || (version === '00' && rest !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  // Only the flag `sampled` is supported.
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}

export function printTraceParent({ traceId, spanId, traceFlags }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const maxLength = 512
