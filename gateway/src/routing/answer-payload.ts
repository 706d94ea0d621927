import { isRecord, parseJson } from '@anthology/wire'

import type { SharedAnswer } from './warmth.ts'

/**
 * Prints answers for servers on other machines, each payload at most `maxBytes` long. Their clocks differ, so an answer
 * has its age in place of its time. `sender` identifies this process.
 */
export function printAnswers(
  answers: readonly SharedAnswer[],
  { sender, nowMs, maxBytes }: { readonly sender: string; readonly nowMs: number; readonly maxBytes: number },
): readonly string[] {
  const head = `{"from":${JSON.stringify(sender)},"answers":[`
  const payloads: string[] = []
  let payload = ''
  let bytes = 0
  for (const { thread, upstream, model, cache, foreignMessages, atMs } of answers) {
    const ageMs = Math.max(0, Math.round(nowMs - atMs))
    const row = [thread, upstream, model, cache.tokens, cache.lifetimeMs, foreignMessages, ageMs]
    const text = JSON.stringify(row)
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

/** Reads the answers of another server; none if the payload is something else, or this server's own. */
export function parseAnswers(
  payload: string,
  { sender, nowMs }: { readonly sender: string; readonly nowMs: number },
): readonly SharedAnswer[] {
  const message = parseJson(payload)
  if (!isRecord(message) || message['from'] === sender || !Array.isArray(message['answers'])) return []
  return message['answers'].flatMap((row: unknown) => parseRow(row, nowMs) ?? [])
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

/** No price has a fraction of a token, and an answer of the future would precede all that follow. */
function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
