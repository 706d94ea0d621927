import type { Worker } from 'node:cluster'

import type { PendingReplies } from './pending-replies.ts'

/** One worker process, as the primary knows it. */
export interface ClusterWorker {
  readonly handle: Worker
  readonly number: number
  /** The name of its journal; a replacement has another one. */
  readonly source: string
  /** Identifies the process in the rows of its calls. */
  readonly processId: string
  readonly startedAtMs: number
  readonly listening: PromiseWithResolvers<{ readonly url: string; readonly port: number }>
  /** Until it requests its start message it is sent nothing; that message contains all current state. */
  joined: boolean
  /** Pending report requests; null if it cannot report. */
  readonly reports: PendingReplies<unknown>
  /** Its last report; null before the first one. */
  lastReport: unknown
  /** Resolves when the process has exited and all of its messages are handled. */
  readonly exited: Promise<void>
}
