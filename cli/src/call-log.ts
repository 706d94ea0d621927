import type { LogEntry } from '@anthology/gateway'

import type { Context } from './command.ts'

/**
 * One line per call on standard error: JSON for machines, aligned columns for a terminal. Lines are written
 * in batches, because each write to a file or a terminal blocks the process for a system call.
 */
export function createCallLog(context: Context): (entry: LogEntry) => void {
  let lines = ''
  const flush = () => {
    const text = lines
    lines = ''
    if (text !== '') context.err(text)
  }
  return (entry) => {
    if (lines === '') setTimeout(flush, gatherMs)
    const line = context.isTty ? escapeControls(describe(entry)) : encode(entry)
    lines = lines === '' ? line : `${lines}\n${line}`
    // An error may precede an exit of the process, so flush at once.
    if (entry.level === 'error' || lines.length > maxCharacters) flush()
  }
}

/** A log without the lines for calls; errors of the server itself remain. */
export function withoutCalls(log: (entry: LogEntry) => void): (entry: LogEntry) => void {
  return (entry) => {
    if (entry.level === 'error' || entry['call'] === undefined) log(entry)
  }
}

/** The maximum delay of a batched line, in milliseconds. */
const gatherMs = 10
const maxCharacters = 65_536

function encode(entry: LogEntry): string {
  const line = `{"time":"${new Date().toISOString()}",${JSON.stringify(entry).slice(1)}`
  // Only messages contain client text, and JSON leaves some terminal control characters unescaped.
  return entry['message'] === undefined ? line : escapeControls(line)
}

/** Log values from clients must not inject lines, or control the terminal that shows them. */
function escapeControls(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    character.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  )
}

function describe(entry: LogEntry): string {
  const time = new Date().toTimeString().slice(0, 8)
  if (entry.event !== 'call' && entry.event !== 'count_tokens') {
    const { level, event, message, status } = entry
    return `${time}  ${level === 'info' ? '' : `${level.toUpperCase()} `}${event}${status === undefined ? '' : ` ${status}`}  ${message ?? ''}`
  }
  const {
    model,
    outcome,
    status,
    total_ms: totalMs,
    cost_usd: cost,
    stop_reason: reason,
    error_type: error,
  } = entry
  const ending = error ?? reason ?? ''
  const how = entry.event === 'count_tokens' ? 'count ' : entry['streamed'] === true ? 'stream' : 'plain '
  const price = typeof cost === 'string' ? `$${cost}` : entry.event === 'call' ? 'no price' : 'free'
  return `${time}  ${String(model).padEnd(28)} ${how} ${String(status ?? '').padEnd(3)} ${String(outcome)} ${String(ending)}  ${String(totalMs)} ms  ${price}`
}
