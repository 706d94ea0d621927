import { isRecord } from '@anthology/wire'

/** Reads the number of an option such as `{ type: 'tool_uses', value: 3 }`; null if it is absent or of another type. */
export function readOptionValue(type: string, option: unknown): number | null {
  if (!isRecord(option) || option['type'] !== type) return null
  return typeof option['value'] === 'number' ? option['value'] : null
}
