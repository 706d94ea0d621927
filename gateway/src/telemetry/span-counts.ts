import type { SpanExporter } from '@opentelemetry/sdk-trace'

import type { Log } from '../log.ts'

/** `ended` includes the exported and the failed spans; the rest is queued or was dropped. */
export interface SpanCounts {
  ended: number
  exported: number
  failed: number
}

/** Counts exported and failed spans. Logs only the first failure and the recovery: a collector may be down for days. */
export function countSpans(exporter: SpanExporter, counts: SpanCounts, log: Log): SpanExporter {
  let failing = false
  return {
    export(spans, callback) {
      exporter.export(spans, (result) => {
        // The enum is in a package that is not our dependency.
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
