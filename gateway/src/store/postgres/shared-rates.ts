import { createStoreLeaseServer } from '../../leases/store-lease-server.ts'
import type { StoreLeaseOptions, StoreLeaseServer } from '../../leases/store-lease-server.ts'
import { createBucketTable } from './bucket-table.ts'
import { messageChannel, watchChanges } from './changes.ts'
import { openConnections } from './connections.ts'

/** Opens the rate limits that all servers on a PostgreSQL share. Its tables must exist. */
export async function openSharedRates(
  url: string,
  options: Omit<StoreLeaseOptions, 'store'>,
): Promise<StoreLeaseServer> {
  // A call waits for its lease, so a lost connection must be found soon.
  const connections = await openConnections({ url, maxConnections: 4, statementMs: 2_000, maxConnectMs: 500 })
  const store = createBucketTable(connections, messageChannel)
  try {
    const server = await createStoreLeaseServer({ ...options, store })
    const watch = watchChanges({
      connections,
      onChange: () => Promise.resolve(),
      onMessage: (payload) => server.onStoreMessage(payload),
    })
    await watch.ready
    const close = server.close.bind(server)
    return Object.assign(server, {
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
