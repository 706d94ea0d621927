import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'

import type { LoadRequest } from './load-request.ts'

/** Sends a request again and again over one connection, `atOnce` streams at a time; the common load tools for Node speak HTTP/1.1 only. */
export async function driveHttp2(
  request: LoadRequest,
  { atOnce, isOver }: { readonly atOnce: number; readonly isOver: (begun: number) => boolean },
): Promise<{ calls: number; failures: number }> {
  const session = connect(request.url)
  // A broken connection breaks its streams, which are what is counted.
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

/** One call; resolves to its answer's body as text, or to null where it is not a whole answer with 200. */
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
