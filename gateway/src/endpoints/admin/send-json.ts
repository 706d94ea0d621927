import type { ClientExchange } from '../../http/client-exchange.ts'
import { sendBytes } from '../../http/respond.ts'

/** Sends an answer that no cache may keep. */
export function sendAdminJson({ id, response }: ClientExchange, value: object, status = 200): void {
  sendBytes(
    response,
    status,
    { 'content-type': 'application/json', 'request-id': id, 'cache-control': 'no-store' },
    Buffer.from(JSON.stringify(value)),
  )
}

/** Sends an answer without a body. */
export function sendNoContent({ id, response }: ClientExchange): void {
  response.writeHead(204, { 'request-id': id, 'cache-control': 'no-store' })
  response.end()
}
