import type { ClientExchange } from '../../http/client-exchange.ts'
import { sendBytes } from '../../http/respond.ts'

/** Sends an answer that no cache may keep. */
export function sendAdminJson({ id, response }: ClientExchange, value: object): void {
  sendBytes(
    response,
    200,
    { 'content-type': 'application/json', 'request-id': id, 'cache-control': 'no-store' },
    Buffer.from(JSON.stringify(value)),
  )
}
