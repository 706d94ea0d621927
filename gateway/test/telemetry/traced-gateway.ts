import { startGateway } from '../running-gateway.ts'
import type { RunningGateway } from '../running-gateway.ts'
import { startCollector } from './collector.ts'
import type { CollectedSpan, Collector } from './collector.ts'

/** A gateway that sends its traces to a test's collector. */
export interface Traced {
  readonly gateway: RunningGateway
  readonly collector: Collector
  /** Closes the gateway, which sends the queued spans. */
  readonly finish: () => Promise<readonly CollectedSpan[]>
}

type Options = NonNullable<Parameters<typeof startGateway>[0]>

export async function startTraced(options: Options, telemetry: Options['telemetry'] = {}): Promise<Traced> {
  const collector = await startCollector()
  const gateway = await startGateway({
    ...options,
    telemetry: { otlp_endpoint: collector.url, ...telemetry },
  })
  return {
    gateway,
    collector,
    async finish() {
      await gateway.close()
      return collector.spans
    },
  }
}
