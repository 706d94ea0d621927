/** Reads items that are separated by commas or white space; null: none. */
export function readList(text: string): readonly string[] | null {
  const items = text.split(/[\s,]+/).filter((item) => item !== '')
  return items.length === 0 ? null : items
}
