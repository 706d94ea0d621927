/**
 * Finds an escape in valid JSON text that is only one half of a surrogate pair. `JSON.parse` accepts it, but the API's
 * parser does not. Returns that parser's reason, or null. The texts and the places they name are from yyjson
 * (github.com/ibireme/yyjson, `read_str`) as orjson prints them, and match public issue reports of 2025 and 2026.
 */
export function findLoneSurrogate(text: string): string | null {
  for (let at = findBackslash(text, 0); at >= 0; at = findBackslash(text, at)) {
    const half = readHalf(text, at)
    at += text.charCodeAt(at + 1) === letterU ? escapeLength : 2
    if (half === null) continue
    if (half === 'low') return describe(text, at - escapeLength, 'invalid high surrogate in string')
    if (text.charCodeAt(at) !== backslash || text.charCodeAt(at + 1) !== letterU)
      return describe(text, at, 'no low surrogate in string')
    if (readHalf(text, at) !== 'low') return describe(text, at, 'invalid low surrogate in string')
    at += escapeLength
  }
  return null
}

/** The engine's native search is fast over long distances, but a call of it costs as much as reading this many characters. */
function findBackslash(text: string, from: number): number {
  const nearEnd = Math.min(from + nearCharacters, text.length)
  for (let at = from; at < nearEnd; at += 1) if (text.charCodeAt(at) === backslash) return at
  return text.indexOf('\\', nearEnd)
}

const nearCharacters = 64
const backslash = 0x5c
const letterU = 0x75
/** The length of an escape such as `\ud83d`. */
const escapeLength = 6

/** Returns which half of a pair an escape is, by its first two digits; null for any other escape. */
function readHalf(text: string, at: number): 'high' | 'low' | null {
  if (text.charCodeAt(at + 1) !== letterU || (text.charCodeAt(at + 2) | lowerCase) !== letterD) return null
  const second = text.charCodeAt(at + 3) | lowerCase
  if (second < digit8) return null
  return second < letterC ? 'high' : 'low'
}

/** This bit makes a letter lower case and keeps a digit. */
const lowerCase = 0x20
const digit8 = 0x38
const letterC = 0x63
const letterD = 0x64

/** An error's position as Python prints it, in code points: lines and columns count from 1, `char` from 0. */
function describe(text: string, at: number, reason: string): string {
  let line = 1
  let lineStart = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < at; end = text.indexOf('\n', lineStart)) {
    line += 1
    lineStart = end + 1
  }
  const char = countCodePoints(text, at)
  return `${reason}: line ${line} column ${char - countCodePoints(text, lineStart) + 1} (char ${char})`
}

function countCodePoints(text: string, end: number): number {
  let count = end
  for (let at = 0; at < end; at += 1) {
    const unit = text.charCodeAt(at)
    // The text is decoded UTF-8, so each low half belongs to a pair.
    if (unit >= 0xdc00 && unit <= 0xdfff) count -= 1
  }
  return count
}
