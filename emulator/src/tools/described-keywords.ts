import { parseJson } from '@anthology/wire'

import type { Schema } from './json-schema.ts'

/**
 * Reads the keywords that an SDK moved into a description because the API does not accept them, such as a final
 * `{minimum: 1, maximum: 5}` (`transformJSONSchema` of `@anthropic-ai/sdk`). The SDK relies on the model to satisfy them.
 */
export function readDescribedKeywords(description: unknown): Schema | null {
  if (typeof description !== 'string') return null
  const tail = /(?:^|\n\n)\{([^]{1,2000})\}$/.exec(description)?.[1]
  if (tail === undefined) return null
  const marks = [...tail.matchAll(/(?:^|, )([A-Za-z$]{1,40}): /g)].slice(0, maxKeywords)
  const keywords = new Map<string, unknown>()
  for (let index = 0; index < marks.length; index += 1) {
    const start = (marks[index]?.index ?? 0) + (marks[index]?.[0].length ?? 0)
    // A value may contain text that looks like the start of another keyword.
    for (let next = index + 1; next <= marks.length; next += 1) {
      const value = parseJson(tail.slice(start, marks[next]?.index))
      if (value === undefined) continue
      keywords.set(marks[index]?.[1] ?? '', value)
      index = next - 1
      break
    }
  }
  return keywords.size === 0 ? null : Object.fromEntries(keywords)
}

const maxKeywords = 20
