import { readdirSync } from 'node:fs'
import { PerformanceObserver, constants, monitorEventLoopDelay, performance } from 'node:perf_hooks'

import { isRecord } from '@anthology/wire'

import { createHistogram, getHistogramSamples, observe, shortBounds } from './histogram.ts'
import type { Histogram } from './histogram.ts'
import type { Metric } from './metric.ts'
import { metric, gauge } from './metric-table.ts'

/** Metrics of the process itself. */
export interface ProcessMetrics {
  getMetrics(): readonly Metric[]
  close(): void
}

/**
 * Starts to observe the event loop and the garbage collector, which costs a little
 * CPU. prom-client's default metrics are not used: their observers cannot be
 * stopped, and a process may have several gateways.
 */
export function watchProcess(): ProcessMetrics {
  const pauses = new Map<string, Histogram>(
    [...gcKinds.values()].map((kind) => [kind, createHistogram(shortBounds)]),
  )
  const delayTimer = monitorEventLoopDelay({ resolution: delayResolutionMs })
  delayTimer.enable()
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const pause = pauses.get(gcKinds.get(getKind(entry)) ?? '')
      if (pause !== undefined) observe(pause, entry.duration / 1_000)
    }
  })
  observer.observe({ entryTypes: ['gc'] })

  return {
    getMetrics() {
      const { user, system } = process.cpuUsage()
      const memory = process.memoryUsage()
      const delayP99Ms = Math.max(0, delayTimer.percentile(99) / 1e6 - delayResolutionMs)
      delayTimer.reset()
      return [
        gauge('process_resident_memory_bytes', memory.rss),
        gauge('process_heap_bytes', memory.heapUsed),
        metric('process_cpu_seconds_total', [
          { labels: { mode: 'user' }, value: user / 1e6 },
          { labels: { mode: 'system' }, value: system / 1e6 },
        ]),
        ...getOpenFiles(),
        gauge('process_start_time_seconds', performance.timeOrigin / 1_000),
        gauge('nodejs_eventloop_lag_p99_seconds', delayP99Ms / 1_000),
        metric(
          'nodejs_gc_duration_seconds',
          [...pauses].flatMap(([kind, pause]) =>
            getHistogramSamples('nodejs_gc_duration_seconds', pause, { kind }),
          ),
        ),
      ]
    },
    close() {
      delayTimer.disable()
      observer.disconnect()
    },
  }
}

/** The monitor reports the time between its own ticks, which is this much in an idle loop. */
const delayResolutionMs = 10

const gcKinds: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
])

/** Node's types declare `detail` only for one kind of entry. */
function getKind(entry: object): number {
  const detail: unknown = 'detail' in entry ? entry.detail : null
  return isRecord(detail) ? Number(detail['kind'] ?? -1) : -1
}

/** Windows has no such list, so the metric is absent there. */
function getOpenFiles(): readonly Metric[] {
  try {
    return [gauge('process_open_fds', readdirSync('/dev/fd').length)]
  } catch {
    return []
  }
}
