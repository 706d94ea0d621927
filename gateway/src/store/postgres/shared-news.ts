import { monotonicMs } from '../../clock.ts'
import { randomText } from '../../http/request-id.ts'
import { createNewsGroups } from '../../routing/process-news.ts'
import type { News } from '../../routing/process-news.ts'
import { parseNews, printNews } from '../../routing/news-payload.ts'
import { newsChannel } from './changes.ts'
import type { Connections } from './connections.ts'

/** The news that all servers on a PostgreSQL have to know. */
export interface SharedNews {
  share(news: readonly News[]): void
  /** Reads a message of another server. */
  onPayload(payload: string): void
}

/** A message that is lost leaves the other servers with what they knew before, until the next one. */
export function createSharedNews(
  connections: Connections,
  onNews: (news: readonly News[]) => void,
): SharedNews {
  const sender = randomText(12)
  return {
    share: createNewsGroups({
      intervalMs: 50,
      send: async (news) => {
        const payloads = printNews(news, { sender, nowMs: monotonicMs(), maxBytes: maxPayloadBytes })
        await connections.use(async (client) => {
          for (const payload of payloads)
            await client.query('SELECT pg_notify($1, $2)', [newsChannel, payload])
        })
      },
    }),
    onPayload(payload) {
      const news = parseNews(payload, { sender, nowMs: monotonicMs() })
      if (news.length > 0) onNews(news)
    },
  }
}

/** PostgreSQL accepts less than 8,000 bytes. */
const maxPayloadBytes = 7_900
