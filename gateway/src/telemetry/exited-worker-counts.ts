import type { Metric, MetricSnapshot, Sample } from './metric.ts'

/**
 * Adds to what processes that are gone had counted the last report of one more. A counter that falls looks like a new
 * start to Prometheus, which then counts once more all that the living have counted so far. It grows with the series and
 * not with the deaths. Both are reports of workers, or, at first, null.
 */
export function addExited(exited: unknown, report: unknown): MetricSnapshot {
  // What every worker reports are its metrics (gateway.ts), and what is kept of them comes from here.
  const [before, last] = [exited ?? [], report ?? []] as [MetricSnapshot, MetricSnapshot]
  const kept = new Map<string, { readonly metric: Metric; readonly sums: Map<string, Sample> }>()
  for (const metric of [...before, ...last]) {
    // What a gauge says is true of a process that lives.
    if (metric.type === 'gauge') continue
    const entry = kept.get(metric.name) ?? { metric, sums: new Map<string, Sample>() }
    kept.set(metric.name, entry)
    for (const sample of metric.values) addTo(entry.sums, sample)
  }
  return [...kept.values()].map(({ metric, sums }) => ({ ...metric, values: [...sums.values()] }))
}

function addTo(sums: Map<string, Sample>, sample: Sample): void {
  const key = JSON.stringify([sample.metricName, Object.entries(sample.labels)])
  sums.set(key, { ...sample, value: (sums.get(key)?.value ?? 0) + sample.value })
}
