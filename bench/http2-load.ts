import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'

import type { LoadRequest } from './load-request.ts'

/**
 * Repeats a request over one connection, with `atOnce` streams at a time; the common load tools for Node
 * support HTTP/1.1 only.
 */
export async function driveHttp2(
  request: LoadRequest,
  { atOnce, isOver }: { readonly atOnce: number; readonly isOver: (begun: number) => boolean },
): Promise<{ calls: number; failures: number }> {
  const session = connect(request.url)
  // A connection error also fails its streams, which are counted.
  session.on('error', () => {})
  let [begun, calls, failures] = [0, 0, 0]
  const again = async () => {
    while (!isOver(begun) && !session.destroyed) {
      begun += 1
      if ((await send(session, request)) === null) failures += 1
      else calls += 1
    }
  }
  await Promise.all(Array.from({ length: atOnce }, again))
  await new Promise<void>((resolve) => session.close(resolve))
  return { calls, failures }
}

/** Makes one call; resolves to the text of the response body, or to null unless it is a complete 200. */
export async function askOverHttp2(request: LoadRequest): Promise<string | null> {
  const session = connect(request.url)
  session.on('error', () => {})
  const pieces = await send(session, request)
  session.close()
  return pieces === null ? null : Buffer.concat(pieces).toString('latin1')
}

function send(
  session: ClientHttp2Session,
  { path, headers, body }: LoadRequest,
): Promise<readonly Buffer[] | null> {
  return new Promise((resolve) => {
    const stream = session.request({ ':method': 'POST', ':path': path, ...headers })
    const pieces: Buffer[] = []
    let ok = false
    stream.on('response', ({ ':status': status }) => {
      ok = status === 200
    })
    stream.on('data', (piece: Buffer) => pieces.push(piece))
    stream.on('end', () => resolve(ok ? pieces : null))
    stream.on('error', () => resolve(null))
    stream.on('close', () => resolve(null))
    stream.end(body)
  })
}
