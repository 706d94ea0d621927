import { isRecord, mergeUsage } from '@anthology/wire'
import type { UsageFields } from '@anthology/wire'

/** The usage of a stream, merged from its events. */
export interface UsageSum {
  add(fields: object): void
  /** Null if there was none, or if it is larger than any API sends. */
  read(): UsageFields | null
}

/** The size limit also bounds the work for each event, so that a hostile stream costs linear and not quadratic time. */
export function createUsageSum(): UsageSum {
  let usage: UsageFields | null = null
  let isTooLarge = false
  return {
    add(fields) {
      if (isTooLarge) return
      isTooLarge = exceedsUsageSize(fields)
      if (!isTooLarge) usage = mergeUsage(usage, fields)
      isTooLarge ||= exceedsUsageSize(usage)
      if (isTooLarge) usage = null
    },
    read: () => usage,
  }
}

/** The usage of a message has about 20 members; one with many iterations and tools has some hundred. */
export const maxUsageLength = 16 * 1024

function exceedsUsageSize(usage: unknown): boolean {
  const rest: unknown[] = [usage]
  let length = 0
  while (rest.length > 0) {
    const value = rest.pop()
    if (Array.isArray(value)) for (const item of value) rest.push(item)
    else if (isRecord(value)) {
      for (const [name, member] of Object.entries(value)) {
        length += name.length
        rest.push(member)
      }
    }
    length += typeof value === 'string' ? value.length : 1
    if (length + rest.length > maxUsageLength) return true
  }
  return false
}
