/** A string in JSON text, as offsets of its content without the quotes. */
export interface JsonString {
  readonly start: number
  readonly end: number
  /** The name of a member. */
  readonly isName: boolean
}

/** Lists the strings of valid JSON, in their order. */
export function listStrings(json: Uint8Array): readonly JsonString[] {
  const found: JsonString[] = []
  for (let at = json.indexOf(quote); at !== -1;) {
    const end = findEnd(json, at + 1)
    found.push({ start: at + 1, end, isName: json[end + 1] === colon })
    at = json.indexOf(quote, end + 1)
  }
  return found
}

function findEnd(json: Uint8Array, from: number): number {
  let at = from
  while (at < json.length && json[at] !== quote) at += json[at] === backslash ? 2 : 1
  return at
}

const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
