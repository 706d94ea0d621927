import { monotonicMs } from '../../clock.ts'
import { createLeaseClient, reportMs } from '../../leases/lease-client.ts'
import type { LeaseClient } from '../../leases/lease-client.ts'
import { createStoreLeaseServer } from '../../leases/store-lease-server.ts'
import type { StoreLeaseOptions, StoreLeaseServer } from '../../leases/store-lease-server.ts'
import { createRateWindows, minuteMs } from '../../rates/rates.ts'
import type { News, NewsChannel } from '../../routing/process-news.ts'
import { createBucketTable } from './bucket-table.ts'
import { newsChannel, messageChannel, watchChanges } from './changes.ts'
import { openConnections } from './connections.ts'
import { createSharedNews } from './shared-news.ts'

export interface SharedRatesOptions extends Omit<StoreLeaseOptions, 'store'> {
  /** Gets the news of other servers. */
  readonly onNews: (news: readonly News[]) => void
}

/** The rate limits that all servers on a PostgreSQL share, and the news that they tell each other. */
export type SharedRates = StoreLeaseServer & Pick<NewsChannel, 'share'>

/** Opens them on connections of their own. The tables must exist. */
export async function openSharedRates(url: string, options: SharedRatesOptions): Promise<SharedRates> {
  // A call waits for its lease, so a lost connection must be found soon.
  const connections = await openConnections({ url, maxConnections: 4, statementMs: 2_000, maxConnectMs: 500 })
  const store = createBucketTable(connections, messageChannel)
  try {
    const server = await createStoreLeaseServer({ ...options, store })
    const news = createSharedNews(connections, options.onNews)
    const watch = watchChanges({
      connections,
      onChange: () => Promise.resolve(),
      onMessage: {
        [messageChannel]: (payload) => server.onStoreMessage(payload),
        [newsChannel]: (payload) => news.onPayload(payload),
      },
    })
    await watch.ready
    const close = server.close.bind(server)
    return Object.assign(server, {
      share: (shared: readonly News[]) => news.share(shared),
      async close() {
        await watch.close()
        await close()
        await connections.close()
      },
    })
  } catch (error) {
    await connections.close()
    throw error
  }
}

/** The rate limits of a server with one process. */
export interface ProcessRates {
  readonly leaseClient: LeaseClient
  readonly windowMs: number
  readonly news: NewsChannel
  close(): Promise<void>
}

/** Connects the only process of a server to the rate limits that all servers on a PostgreSQL share. */
export async function openProcessRates(url: string, windowMs = minuteMs): Promise<ProcessRates> {
  let client: LeaseClient | null = null
  let onShared: Parameters<NewsChannel['onShared']>[0] = () => {}
  const server = await openSharedRates(url, {
    post: (_, message) => client?.onMessage(message),
    onExpired: () => client?.expire(),
    onNews: (news) => onShared(news),
    nowMs: monotonicMs,
    windowMs,
    createLimits: (_, terms) => createRateWindows(terms, windowMs),
  })
  const leaseClient = createLeaseClient({
    post: (message) => server.onMessage(0, message),
    nowMs: monotonicMs,
    windowMs,
    validity: server.validity,
  })
  client = leaseClient
  const timer = setInterval(() => {
    leaseClient.tick()
    server.tick()
  }, reportMs)
  timer.unref()
  return {
    leaseClient,
    windowMs,
    news: { share: (news) => server.share(news), onShared: (listener) => (onShared = listener) },
    async close() {
      clearInterval(timer)
      leaseClient.tick()
      await server.close()
    },
  }
}
