import { monotonicMs } from '../clock.ts'
import { createWarmth } from './warmth.ts'
import type { SharedAnswer, Warmth } from './warmth.ts'

/** Connects a process with the others that serve the same conversations. */
export interface AnswerChannel {
  share(answers: readonly SharedAnswer[]): void
  /** Sets the function that gets the answers of other processes. */
  onShared(listener: (answers: readonly SharedAnswer[]) => void): void
}

/** Creates the memory of a process; `channel` is undefined where it is the only one. */
export function connectWarmth(channel: AnswerChannel | undefined, nowMs = monotonicMs): Warmth {
  const share = channel === undefined ? undefined : (answer: SharedAnswer) => channel.share([answer])
  const warmth = createWarmth({ nowMs, share })
  channel?.onShared((answers) => warmth.merge(answers))
  return warmth
}

export interface AnswerGroupOptions {
  /** Sends answers to other processes; the next group waits for the result. An error loses the group. */
  readonly send: (answers: readonly SharedAnswer[]) => Promise<void> | void
  /** The shortest time between two groups. */
  readonly intervalMs: number
}

/**
 * Returns a function that sends answers in groups: the first one at once, because the next call of its conversation may
 * follow soon, and those of the interval after it together. If there are too many, the newest ones are sent.
 */
export function createAnswerGroups({
  send,
  intervalMs,
}: AnswerGroupOptions): (answers: readonly SharedAnswer[]) => void {
  const waiting = new Map<string, SharedAnswer>()
  let isSending = false

  async function sendGroups(): Promise<void> {
    isSending = true
    while (waiting.size > 0) {
      const group = [...waiting.values()]
      waiting.clear()
      const pause = new Promise((resolve) => setTimeout(resolve, intervalMs).unref())
      await Promise.all([pause, sendOne(group)])
    }
    isSending = false
  }

  async function sendOne(group: readonly SharedAnswer[]): Promise<void> {
    try {
      await send(group)
    } catch {
      // The other processes learn of the next answers of these conversations.
    }
  }

  return (answers) => {
    for (const answer of answers) {
      waiting.delete(answer.thread)
      waiting.set(answer.thread, answer)
      if (waiting.size <= maxWaiting) continue
      const [oldest] = waiting.keys()
      if (oldest !== undefined) waiting.delete(oldest)
    }
    if (!isSending) void sendGroups()
  }
}

/** More than a process answers in an interval. */
export const maxWaiting = 1_000
