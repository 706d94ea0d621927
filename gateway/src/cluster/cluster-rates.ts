import { monotonicMs } from '../clock.ts'
import { createLeaseServer } from '../leases/lease-server.ts'
import type { LeaseServer } from '../leases/lease-server.ts'
import type { FromLeaseServer } from '../leases/message.ts'
import { createRateWindows, minuteMs } from '../rates/rates.ts'
import type { NewsChannel } from '../routing/process-news.ts'
import { openSharedRates } from '../store/postgres/shared-rates.ts'
import type { SharedRatesOptions } from '../store/postgres/shared-rates.ts'
import type { ClusterOptions } from './cluster.ts'
import type { ToWorker } from './message.ts'

/** The primary's side of the rate limits: its own windows, or those that servers share in PostgreSQL, with news. */
export interface ClusterRates {
  readonly leaseServer: Pick<LeaseServer, 'onMessage' | 'forget'>
  /** The time until which leases may be used; null if they never expire. */
  readonly validUntilMs: number | null
  tick(): void
  /** Tells the other servers. */
  readonly share: NewsChannel['share']
  close(): Promise<void>
}

/** `post` sends a message to a worker, or to all of them (null). */
export async function openClusterRates(
  { store, workers, windowMs = minuteMs }: ClusterOptions,
  post: (message: ToWorker, worker: number | null) => void,
): Promise<ClusterRates> {
  const options = {
    post: (worker: number, message: FromLeaseServer) => post({ kind: 'rates', message }, worker),
    nowMs: monotonicMs,
    createLimits: (_: string, terms: Parameters<typeof createRateWindows>[0]) =>
      createRateWindows(terms, windowMs),
  }
  if (store === undefined) {
    const leaseServer = createLeaseServer({ ...options, idleMs: 2 * windowMs, workers })
    const close = () => Promise.resolve()
    return { leaseServer, validUntilMs: null, tick: () => leaseServer.tick(), share: () => {}, close }
  }
  const onExpired = () => post({ kind: 'leases_expired' }, null)
  const onNews: SharedRatesOptions['onNews'] = (news) => post({ kind: 'news', news }, null)
  const leaseServer = await openSharedRates(store, { ...options, windowMs, onExpired, onNews })
  let sentMs = 0
  return {
    leaseServer,
    get validUntilMs() {
      return leaseServer.validity.untilMs
    },
    tick() {
      leaseServer.tick()
      const { untilMs } = leaseServer.validity
      if (untilMs !== sentMs) post({ kind: 'lease_validity', untilMs }, null)
      sentMs = untilMs
    },
    share: (news) => leaseServer.share(news),
    close: () => leaseServer.close(),
  }
}
