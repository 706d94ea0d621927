import { monotonicMs } from '../clock.ts'
import { createHealth } from './health.ts'
import type { AccountReport, Health } from './health.ts'
import type { CircuitConfig } from './routing-config.ts'
import { createWarmth } from './warmth.ts'
import type { SharedAnswer, Warmth } from './warmth.ts'

/** What a process learns, and the other processes with the same upstreams have to know. */
export type News = SharedAnswer | AccountReport

/** Connects a process with the others that serve the same conversations by the same accounts. */
export interface NewsChannel {
  share(news: readonly News[]): void
  /** Sets the function that gets the news of other processes. */
  onShared(listener: (news: readonly News[]) => void): void
}

/** What a process knows of conversations and of upstreams; `channel` is undefined where it is the only one. */
export function connectProcess(
  channel: NewsChannel | undefined,
  circuit: Partial<CircuitConfig>,
  nowMs = monotonicMs,
): { readonly warmth: Warmth; readonly health: Health } {
  const share = channel === undefined ? undefined : (news: News) => channel.share([news])
  // Other processes read the times of answers.
  const warmth = createWarmth({ nowMs: monotonicMs, share })
  const health = createHealth(circuit, nowMs, share)
  channel?.onShared((news) => {
    warmth.merge(news.filter(isAnswer))
    for (const each of news) if (!isAnswer(each)) health.merge(each)
  })
  return { warmth, health }
}

export function isAnswer(news: News): news is SharedAnswer {
  return 'thread' in news
}

export interface NewsGroupOptions {
  /** Sends news to other processes; the next group waits for the result. An error loses the group. */
  readonly send: (news: readonly News[]) => Promise<void> | void
  /** The shortest time between two groups. */
  readonly intervalMs: number
}

/**
 * Returns a function that sends news in groups: the first one at once, because the next call of its conversation may
 * follow soon, and those of the interval after it together. If there are too many, the newest ones are sent.
 */
export function createNewsGroups({ send, intervalMs }: NewsGroupOptions): (news: readonly News[]) => void {
  const waiting = new Map<string, News>()
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

  async function sendOne(group: readonly News[]): Promise<void> {
    try {
      await send(group)
    } catch {
      // The other processes learn of the next answers of these conversations, and of the accounts by their own calls.
    }
  }

  return (news) => {
    for (const each of news) {
      const subject = nameSubject(each)
      waiting.delete(subject)
      waiting.set(subject, each)
      if (waiting.size <= maxWaiting) continue
      const [oldest] = waiting.keys()
      if (oldest !== undefined) waiting.delete(oldest)
    }
    if (!isSending) void sendGroups()
  }
}

/** Later news of the same subject replaces earlier news. */
function nameSubject(news: News): string {
  if (isAnswer(news)) return news.thread
  const what = 'refusal' in news ? news.refusal : news.exhausted
  return `${news.upstream}\0${news.model}\0${what}`
}

/** More than a process answers in an interval. */
export const maxWaiting = 1_000
