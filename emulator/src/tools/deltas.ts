import type { TextTokenizer } from '@anthology/catalog'

/** Splits the JSON of an input into one part per member and the closing bracket; `{}` is one part. */
export function splitIntoMembers(input: Readonly<Record<string, unknown>>): readonly string[] {
  const members = Object.entries(input).map(
    ([name, value], index) => `${index === 0 ? '{' : ', '}${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  return members.length === 0 ? ['{}'] : [...members, '}']
}

/** Splits JSON into deltas of a few tokens, regardless of its structure. */
export function splitFineGrained(text: string, tokenizer: TextTokenizer): readonly string[] {
  const chunks = tokenizer.split(text)
  const deltas: string[] = []
  for (let at = 0; at < chunks.length; at += tokensPerDelta)
    deltas.push(chunks.slice(at, at + tokensPerDelta).join(''))
  return deltas
}

const tokensPerDelta = 3
