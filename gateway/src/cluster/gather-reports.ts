import type { WorkerReport } from '../telemetry/exited-worker-counts.ts'
import type { MetricSnapshot } from '../telemetry/metric.ts'
import type { WorkerClient } from './worker.ts'

/** Any worker can report for all. Its own metrics are read only once, through `collect`: reading the event loop's lag resets it. */
export async function gatherMetrics(
  own: () => MetricSnapshot,
  worker: WorkerClient | undefined,
): Promise<readonly MetricSnapshot[]> {
  if (worker === undefined) return [own()]
  // Every worker reports the snapshot from `setReport` above.
  return (await collectReports(worker)).map(({ metrics }) => metrics)
}

export async function collectReports(worker: WorkerClient): Promise<readonly WorkerReport[]> {
  return (await worker.collect()) as readonly WorkerReport[]
}
