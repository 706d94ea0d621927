/** Remembers the result for the last text: many places of one file ask the same question about the whole of it. */
export function rememberLast<Result>(compute: (text: string) => Result): (text: string) => Result {
  let last: { readonly text: string; readonly result: Result } | null = null
  return (text) => {
    if (last === null || last.text !== text) last = { text, result: compute(text) }
    return last.result
  }
}

/** Remembers results by their short key, up to a number of keys. */
export function rememberAll<Result>(
  compute: (key: string) => Result,
  maxKeys = 5000,
): (key: string) => Result {
  const known = new Map<string, Result>()
  return (key) => {
    const found = known.get(key)
    if (found !== undefined) return found
    if (known.size >= maxKeys) known.clear()
    const result = compute(key)
    known.set(key, result)
    return result
  }
}
