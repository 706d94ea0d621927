import type { Tokenizer } from '../generate/tokenizer.ts'

/** The JSON of an input in parts, a member each and the closing bracket; `{}` is one part. */
export function memberTexts(input: Readonly<Record<string, unknown>>): readonly string[] {
  const members = Object.entries(input).map(
    ([name, value], index) => `${index === 0 ? '{' : ', '}${JSON.stringify(name)}: ${JSON.stringify(value)}`,
  )
  return members.length === 0 ? ['{}'] : [...members, '}']
}

/** A few tokens each, without regard for JSON. */
export function fineDeltas(text: string, tokenizer: Tokenizer): readonly string[] {
  const chunks = tokenizer.split(text)
  const deltas: string[] = []
  for (let at = 0; at < chunks.length; at += tokensPerDelta)
    deltas.push(chunks.slice(at, at + tokensPerDelta).join(''))
  return deltas
}

const tokensPerDelta = 3
