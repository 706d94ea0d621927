import type { LogEntry } from '@anthology/gateway'

import type { Context } from './command.ts'

/** One line per call on standard error: JSON for machines, aligned words for a terminal. */
export function createCallLog(context: Context): (entry: LogEntry) => void {
  return (entry) =>
    context.err(
      context.isTty ? describe(entry) : JSON.stringify({ time: new Date().toISOString(), ...entry }),
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
