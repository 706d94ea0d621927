import type { IncomingMessage } from 'node:http'

import { Refusal } from './errors.ts'
import type { Limits } from './limits.ts'

/** Reads bodies within the limits of one and of all of them together. */
export interface BodyReader {
  read(request: IncomingMessage): Promise<HeldBody>
  readonly heldBytes: number
}

/** A body in memory. `release` must be called once the call no longer needs it. */
export interface HeldBody {
  readonly bytes: Uint8Array
  release(): void
}

export function createBodyReader(limits: Limits): BodyReader {
  let heldBytes = 0

  return {
    get heldBytes() {
      return heldBytes
    },
    read(request) {
      refuseByHeaders(request, limits.bodyBytes)
      return new Promise((resolve, reject) => {
        const chunks: Buffer[] = []
        let size = 0

        const release = () => {
          heldBytes -= size
          size = 0
        }
        const refuse = (refusal: Refusal) => {
          request.off('data', take).off('end', finish)
          release()
          reject(refusal)
        }
        const take = (chunk: Buffer) => {
          size += chunk.length
          heldBytes += chunk.length
          if (size > limits.bodyBytes) return refuse(tooLarge(limits.bodyBytes))
          if (heldBytes > limits.heldBodyBytes) {
            return refuse(
              new Refusal(
                'overloaded',
                'Overloaded: too many request bodies are held at once, try again shortly',
              ),
            )
          }
          chunks.push(chunk)
        }
        const finish = () => {
          const [only] = chunks
          resolve({
            bytes: chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size),
            release,
          })
        }
        request.on('data', take).once('end', finish)
        request.once('error', () =>
          refuse(new Refusal('body_aborted', 'the connection ended before the body was complete')),
        )
      })
    },
  }
}

function refuseByHeaders(request: IncomingMessage, bodyBytes: number): void {
  const encoding = request.headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') {
    const message = `content-encoding: request bodies must be sent uncompressed, got '${encoding.slice(0, 40)}'`
    throw new Refusal('bad_request', message)
  }
  const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (type !== 'application/json') {
    throw new Refusal(
      'bad_request',
      `content-type: must be application/json, got ${type === undefined ? 'none' : `'${type.slice(0, 80)}'`}`,
    )
  }
  if (Number(request.headers['content-length'] ?? 0) > bodyBytes) throw tooLarge(bodyBytes)
}

function tooLarge(bodyBytes: number): Refusal {
  return new Refusal(
    'body_too_large',
    `Request exceeds the maximum size: the body may have ${bodyBytes} bytes at most`,
  )
}
