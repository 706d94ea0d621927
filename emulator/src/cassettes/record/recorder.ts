import type { Upstream } from '@anthology/wire'

import type { RecordedExchange } from '../cassette.ts'
import type { CassetteStore } from '../files/cassette-store.ts'
import { createRedactor } from '../redaction/redactor.ts'
import type { CapturedResponse } from '../responses/record-response.ts'
import { findStreamEnd } from '../responses/stream-end.ts'
import { sendCaptured } from './capture.ts'
import { recordExchange } from './record-exchange.ts'
import type { ExchangeOptions } from './record-exchange.ts'

export interface RecorderOptions extends ExchangeOptions {
  /** Where recordings go: a folder from `openCassettes`, or a store in memory. */
  readonly cassettes: CassetteStore
  /**
   * Whether the first recording of a conversation removes what earlier runs recorded of it; default true, so that a
   * second run replaces the first and does not append to it.
   */
  readonly replaces?: boolean
  /**
   * Whether to leave out errors of the account or of the moment (401, 403, 408, 429, 5xx, and errors in streams); default
   * false. Where a recording keeps a request from being sent again, such an error would be the answer of each later run.
   */
  readonly skipsErrors?: boolean
  /** The time of `recorded`, in milliseconds since 1970. */
  readonly now?: () => number
  /** Receives one line about each exchange that is not recorded. It contains no secret. */
  readonly warn?: (message: string) => void
  /** Receives each recorded exchange. */
  readonly onRecorded?: (exchange: RecordedExchange) => void
}

/**
 * Wraps an upstream: requests and answers pass through byte for byte, and each whole exchange is recorded, redacted. An
 * exchange that breaks, and one in which a secret would survive, is not recorded. Uploads are not recorded either.
 * Throws a CassetteError for an invalid pattern.
 */
export function createRecorder(upstream: Upstream, options: RecorderOptions): Upstream {
  const { cassettes, replaces = true, now = Date.now, warn = () => {}, onRecorded = () => {} } = options
  createRedactor([], options.patterns)
  return {
    send: (request, receiver) => {
      const order = cassettes.takeOrder()
      const lose = (because: string): void =>
        warn(`${request.method} ${getPath(request.path)} was not recorded: ${because}`)
      return sendCaptured(upstream, request, receiver, {
        now,
        onLost: lose,
        onExchange: (captured) => {
          const passing = options.skipsErrors === true ? describePassing(captured.response) : null
          if (passing !== null) return lose(`later runs would get ${passing} again`)
          const result = recordExchange(captured, options)
          if (!result.ok) lose(result.because)
          else
            save(() => {
              cassettes.add({ ...result, order, replaces })
              onRecorded(result.exchange)
            }, lose)
        },
      })
    },
    ...(upstream.upload && {
      upload: (request, receiver) => {
        warn(`${request.method} ${getPath(request.path)} was not recorded: it is an upload`)
        return upstream.upload?.(request, receiver) ?? noHandle
      },
    }),
  }
}

/** Describes an error that the same request need not get again; null: the response is none. */
function describePassing({ status, headers, bytes }: CapturedResponse): string | null {
  const isPassing = status === 401 || status === 403 || status === 408 || status === 429 || status >= 500
  if (isPassing) return `its status ${status}`
  return findStreamEnd(headers, bytes) === 'error' ? 'the error in its stream' : null
}

const noHandle = { resume: () => {}, abort: () => {} }

/** The client's answer does not depend on the disk. */
function save(write: () => void, lose: (because: string) => void): void {
  try {
    write()
  } catch (error) {
    lose(error instanceof Error ? error.message : String(error))
  }
}

/** Without the query, which may contain credentials. */
function getPath(path: string): string {
  return path.split('?')[0] ?? path
}
