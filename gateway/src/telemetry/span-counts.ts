import type { SpanExporter } from '@opentelemetry/sdk-trace'

import type { Log } from '../log.ts'

/** The spans by result; those that ended and are in neither other count wait, or were dropped. */
export interface SpanCounts {
  ended: number
  exported: number
  failed: number
}

/** Counts what an exporter did, and logs when it begins to fail and when it works again: a collector may be away for days. */
export function countSpans(exporter: SpanExporter, counts: SpanCounts, log: Log): SpanExporter {
  let failing = false
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        // The enum belongs to a package that is not ours to import.
        const code: number = result.code
        const failed = code !== exportSucceeded
        counts[failed ? 'failed' : 'exported'] += spans.length
        if (failed !== failing) {
          failing = failed
          if (failed) log({ level: 'warn', event: 'traces_failed', message: result.error?.message })
          else log({ level: 'info', event: 'traces_exported_again' })
        }
        callback(result)
      })
    },
    shutdown: () => exporter.shutdown(),
  }
}

/** `ExportResultCode.SUCCESS` of the OpenTelemetry SDK. */
const exportSucceeded = 0
