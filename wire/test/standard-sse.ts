import type { SseEvent } from '../src/sse/decode-frame.ts'

/**
 * The events of a stream, parsed line by line according to the WHATWG HTML standard, except for the two
 * documented differences: a lone CR does not end a line, and any frame may start with a byte order mark.
 */
export function readByStandard(stream: string): SseEvent[] {
  const events: SseEvent[] = []
  let [event, data, isFirst] = ['', null as string | null, true]
  for (const line of stream.split(/\r?\n/).slice(0, -1)) {
    if (line === '') {
      if (data !== null) events.push({ event: event || 'message', data })
      ;[event, data, isFirst] = ['', null, true]
      continue
    }
    const [, field, value = ''] =
      /^([^:]*)(?:: ?(.*))?$/s.exec(isFirst ? line.replace(/^\u{feff}/u, '') : line) ?? []
    isFirst = false
    if (field === 'event') event = value
    if (field === 'data') data = data === null ? value : `${data}\n${value}`
  }
  return events
}
