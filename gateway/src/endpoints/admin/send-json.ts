import type { ClientExchange } from '../../http/client-exchange.ts'
import { sendBytes } from '../../http/respond.ts'

/** Sends an answer that no cache may keep. */
export function sendAdminJson(exchange: ClientExchange, value: object, status = 200): void {
  sendAdminText(exchange, JSON.stringify(value), status)
}

/** The same for JSON that is printed already. */
export function sendAdminText({ id, response }: ClientExchange, json: string, status = 200): void {
  sendBytes(
    response,
    status,
    { 'content-type': 'application/json', 'request-id': id, 'cache-control': 'no-store' },
    Buffer.from(json),
  )
}

/** Sends an answer without a body. */
export function sendNoContent({ id, response }: ClientExchange): void {
  response.writeHead(204, { 'request-id': id, 'cache-control': 'no-store' })
  response.end()
}
