import type { MetricSnapshot } from './metric.ts'

export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

/** The metrics of one or several processes as one text in Prometheus' exposition format. */
export async function printMetrics(snapshots: readonly MetricSnapshot[]): Promise<string> {
  // Loaded at the first scrape: most gateways have none.
  const { AggregatorRegistry } = await import('prom-client')
  // Families of one name are made one, those of the same snapshot as well.
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot])).metrics()
}
