import type { SseEvent } from '../src/sse/decode-frame.ts'

/**
 * The events of a stream, read line by line as the WHATWG HTML standard says it, but for the two
 * differences that are documented: a CR alone ends no line, and any frame may begin with a byte
 * order mark.
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
