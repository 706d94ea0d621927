import type { UpstreamState } from '../upstreams/upstream-state.ts'
import type { Metric, MetricSnapshot, Sample } from './metric.ts'

/** The report of one worker to the process that answers for all. */
export interface WorkerReport {
  readonly metrics: MetricSnapshot
  readonly upstreams: readonly UpstreamState[]
}

/**
 * Adds the last report of a worker to the sums of those that exited before it: Prometheus takes a counter that falls
 * for a restart, and would count the values of the remaining workers again. The result grows with the number of series,
 * not of exits. `exited` and `report` are results of this function, reports of workers, or null.
 */
export function addExited(exited: unknown, report: unknown): WorkerReport {
  // A worker's report is a WorkerReport (gateway.ts), and `exited` was returned by this function.
  const [before, last] = [exited, report] as [
    WorkerReport | null | undefined,
    WorkerReport | null | undefined,
  ]
  const kept = new Map<string, { readonly metric: Metric; readonly sums: Map<string, Sample> }>()
  for (const metric of [...(before?.metrics ?? []), ...(last?.metrics ?? [])]) {
    // A gauge describes a running process.
    if (metric.type === 'gauge') continue
    const entry = kept.get(metric.name) ?? { metric, sums: new Map<string, Sample>() }
    kept.set(metric.name, entry)
    for (const sample of metric.values) addTo(entry.sums, sample)
  }
  const metrics = [...kept.values()].map(({ metric, sums }) => ({ ...metric, values: [...sums.values()] }))
  // The upstreams of an exited process have no state.
  return { metrics, upstreams: [] }
}

function addTo(sums: Map<string, Sample>, sample: Sample): void {
  const key = JSON.stringify([sample.metricName, Object.entries(sample.labels)])
  sums.set(key, { ...sample, value: (sums.get(key)?.value ?? 0) + sample.value })
}
