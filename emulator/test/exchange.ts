import { openExchange } from '../src/scenario/exchange.ts'
import type { Exchange } from '../src/scenario/exchange.ts'

/** The exchange of a request to the Messages API that no test looks at. */
export function createExchange(): Exchange {
  const request = { method: 'POST', path: '/v1/messages', headers: {}, body: null }
  return openExchange(request, { kind: 'messages', endpoint: 'create_message', name: '' })
}
