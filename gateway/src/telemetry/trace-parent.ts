/** The parent of a trace: the caller's span, from the W3C Trace Context header. */
export interface TraceParent {
  readonly traceId: string
  readonly spanId: string
  readonly traceFlags: number
}

/**
 * Reads a `traceparent`. Null is what the specification asks for of a header
 * that is broken, repeated or of version ff: begin a trace of one's own. Later
 * versions may have more behind the flags.
 * Source: https://www.w3.org/TR/trace-context/, "Traceparent Header".
 */
export function parseTraceParent(header: string | string[] | undefined): TraceParent | null {
  if (typeof header !== 'string' || header.length > maxLength) return null
  const [, version = '', traceId = '', spanId = '', flags = '', rest] = pattern.exec(header) ?? []
  if (traceId === '' || version === 'ff' || (version === '00' && rest !== undefined)) return null
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null
  // Only the flag `sampled` is defined for us.
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 }
}

export function printTraceParent({ traceId, spanId, traceFlags }: TraceParent): string {
  return `00-${traceId}-${spanId}-0${traceFlags & 1}`
}

const pattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/
const maxLength = 512
