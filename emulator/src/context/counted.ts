import { isRecord } from '@anthology/wire'

/** The number in an option such as `{ type: 'tool_uses', value: 3 }`; null where it is of another type or not there. */
export function countedBy(type: string, option: unknown): number | null {
  if (!isRecord(option) || option['type'] !== type) return null
  return typeof option['value'] === 'number' ? option['value'] : null
}
