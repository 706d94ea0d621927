import { isRecord, parseJson } from '@anthology/wire'

import type { AccountReport } from './health.ts'
import { isAnswer } from './process-news.ts'
import type { News } from './process-news.ts'
import { isQuota } from './quota.ts'
import { isRefusal } from './refusal.ts'
import type { SharedAnswer } from './warmth.ts'

/**
 * Prints news for servers on other machines, each payload at most `maxBytes` long. Their clocks differ, so an answer has
 * its age in place of its time. `sender` identifies this process.
 */
export function printNews(
  news: readonly News[],
  { sender, nowMs, maxBytes }: { readonly sender: string; readonly nowMs: number; readonly maxBytes: number },
): readonly string[] {
  const head = `{"from":${JSON.stringify(sender)},"answers":[`
  const payloads: string[] = []
  let payload = ''
  let bytes = 0
  for (const each of news) {
    const text = JSON.stringify(isAnswer(each) ? createRow(each, nowMs) : each)
    const length = Buffer.byteLength(text) + 1
    if (head.length + length + 2 > maxBytes) continue
    if (payload !== '' && bytes + length + 2 > maxBytes) {
      payloads.push(`${payload}]}`)
      payload = ''
    }
    bytes = payload === '' ? head.length + length : bytes + length
    payload = payload === '' ? head + text : `${payload},${text}`
  }
  return payload === '' ? payloads : [...payloads, `${payload}]}`]
}

function createRow({ thread, upstream, model, cache, foreignMessages, atMs }: SharedAnswer, nowMs: number) {
  const ageMs = Math.max(0, Math.round(nowMs - atMs))
  return [thread, upstream, model, cache.tokens, cache.lifetimeMs, foreignMessages, ageMs]
}

/** Reads the news of another server; none if the payload is something else, or this server's own. */
export function parseNews(
  payload: string,
  { sender, nowMs }: { readonly sender: string; readonly nowMs: number },
): readonly News[] {
  const message = parseJson(payload)
  if (!isRecord(message) || message['from'] === sender || !Array.isArray(message['answers'])) return []
  return message['answers'].flatMap((row: unknown) => parseRow(row, nowMs) ?? parseReport(row) ?? [])
}

function parseRow(row: unknown, nowMs: number): SharedAnswer | null {
  if (!Array.isArray(row)) return null
  const [thread, upstream, model, ...numbers] = row as readonly unknown[]
  if (typeof thread !== 'string' || typeof upstream !== 'string' || typeof model !== 'string') return null
  const [tokens, lifetimeMs, foreignMessages, ageMs] = numbers.filter(isCount)
  if (
    ageMs === undefined ||
    tokens === undefined ||
    lifetimeMs === undefined ||
    foreignMessages === undefined
  )
    return null
  return { thread, upstream, model, cache: { tokens, lifetimeMs }, foreignMessages, atMs: nowMs - ageMs }
}

function parseReport(report: unknown): AccountReport | null {
  if (!isRecord(report)) return null
  const { upstream, model, exhausted, forMs, refusal, reason } = report
  if (typeof upstream !== 'string' || typeof model !== 'string') return null
  if (isQuota(exhausted) && isCount(forMs)) return { upstream, model, exhausted, forMs }
  if (isRefusal(refusal) && typeof reason === 'string') return { upstream, model, refusal, reason }
  return null
}

/** No price has a fraction of a token, and an answer of the future would precede all that follow. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
