import type { MetricSnapshot } from './metric.ts'

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** Prints the metrics of one or more processes in Prometheus' exposition format. */
export async function printMetrics(snapshots: readonly MetricSnapshot[]): Promise<string> {
  // Loaded at the first scrape: most gateways are never scraped.
  const { AggregatorRegistry } = await import('prom-client')
  // Metrics of one name are merged, even within a snapshot.
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot])).metrics()
}
