import { request as sendHttp } from 'node:http'

import { joinHeaders } from '@anthology/wire'
import type { Upstream } from '@anthology/wire'

/** An upstream over HTTP/1.1, for tests that record what passes a socket. */
export function createSocketUpstream(baseUrl: string): Upstream {
  return {
    send: ({ method, path, headers, body }, receiver) => {
      const sent = sendHttp(`${baseUrl}${path}`, { method, headers }, (response) => {
        receiver.head(response.statusCode ?? 0, joinHeaders(response.headers))
        response.on('data', (bytes: Buffer) => {
          if (!receiver.chunk(bytes)) response.pause()
        })
        response.on('end', () => receiver.end())
        response.on('error', (error) => receiver.fail(error))
        resume = () => response.resume()
      })
      let resume = (): void => {}
      sent.on('error', (error) => receiver.fail(error))
      sent.end(body ?? undefined)
      return { resume: () => resume(), abort: () => sent.destroy() }
    },
  }
}
