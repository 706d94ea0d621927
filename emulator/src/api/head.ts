import type { ReplyHead } from '../http/reply.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Settings } from '../options/settings.ts'

/** Creates the data for the headers of a response, with a new request id. */
export function createHead(exchange: Exchange, { ids }: Pick<Settings, 'ids'>): ReplyHead {
  return {
    requestId: ids.nextRequestId(),
    organizationId: ids.organizationId,
    notices: [],
    exchange,
  }
}
