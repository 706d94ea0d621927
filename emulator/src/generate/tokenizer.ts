import { getTokenizer } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'

/**
 * Token counts without the tokenizers, which are not published.
 *
 * A text is cut into pieces, and a piece is a token: up to four letters, up to three digits,
 * one CJK character or one mark of punctuation, each with the space before it; or a run of up
 * to sixteen white spaces. The pieces join to the text again, so they also serve as the deltas
 * of a stream, and cutting never looks back: a text taken up at the border of a piece is cut
 * the same way.
 *
 * Calibration: the comparison table's tooltips put 200K tokens at about 150K words and 680K
 * characters, that is 0.75 words and 3.4 characters a token, for words of 4.53 characters with
 * their space. English prose meets the characters figure within 5%. Words that short meet the words
 * figure within 15%; longer words cannot meet both, and for prose of 5.8 characters a word
 * (0.58 words a token) the estimate is about 30% above what the words figure says. CJK text is taken
 * at one token a character; code and numbers are rougher.
 *
 * The tokenizer since Opus 4.7 makes 1 to 1.35 times as many tokens of a text (the catalog's `tokenizers`). Here its
 * pieces have three letters at most: English prose grows by about a fifth, other text less, and CJK not at all.
 */
export interface Tokenizer {
  readonly count: (text: string) => number
  readonly split: (text: string) => string[]
}

/** How a model counts. */
export function tokenizerFor(model: Model): Tokenizer {
  return tokenizers[getTokenizer(model).id]
}

export const tokenizers = {
  'before-4.7': createTokenizer(4),
  'since-4.7': createTokenizer(3),
} as const satisfies Record<string, Tokenizer>

/** `letters` is how many of them a piece has at most. */
function createTokenizer(letters: number): Tokenizer {
  return {
    count: (text) => {
      let tokens = 0
      for (let at = 0; at < text.length; at = pieceEnd(text, at, letters)) tokens += 1
      return tokens
    },
    split: (text) => {
      const chunks: string[] = []
      for (let at = 0; at < text.length;) {
        const end = pieceEnd(text, at, letters)
        chunks.push(text.slice(at, end))
        at = end
      }
      return chunks
    },
  }
}

const maxPieceLength = { digit: 3, space: 16, single: 1 } as const
type Kind = 'letter' | keyof typeof maxPieceLength

const space = 0x20

function pieceEnd(text: string, start: number, letters: number): number {
  return plainWordEnd(text, start, letters) ?? anyPieceEnd(text, start, letters)
}

/** Most pieces by far are of ASCII letters, and prompts are long: these are told apart by a table alone. */
function plainWordEnd(text: string, start: number, letters: number): number | null {
  const first = text.charCodeAt(start) === space ? start + 1 : start
  const last = Math.min(first + letters, text.length)
  let at = first
  while (at < last && isPlainLetter[text.charCodeAt(at)] === 1) at += 1
  if (at === first) return null
  // A letter of another alphabet would go on with the run.
  return at === first + letters || at === text.length || text.charCodeAt(at) < 128 ? at : null
}

function anyPieceEnd(text: string, start: number, letters: number): number {
  const first = kindAt(text, start)
  if (first !== 'space') return runEnd(text, start, getMax(first, letters))
  if (opensWord(text, start)) return runEnd(text, start + 1, getMax(kindAt(text, start + 1), letters))
  let at = start + 1
  for (let length = 1; length < maxPieceLength.space && at < text.length; length += 1, at += 1) {
    if (kindAt(text, at) !== 'space' || opensWord(text, at)) break
  }
  return at
}

/** A single space belongs to what stands after it; of several, only the last. */
function opensWord(text: string, at: number): boolean {
  return text.charCodeAt(at) === space && at + 1 < text.length && kindAt(text, at + 1) !== 'space'
}

function getMax(kind: Kind, letters: number): number {
  return kind === 'letter' ? letters : maxPieceLength[kind]
}

/** Of characters of one kind, at most so many. */
function runEnd(text: string, start: number, most: number): number {
  if (most === 1) return start + (isSurrogatePair(text, start) ? 2 : 1)
  const kind = kindAt(text, start)
  let at = start
  for (let length = 0; length < most && at < text.length; length += 1) {
    if (length > 0 && kindAt(text, at) !== kind) break
    at += isSurrogatePair(text, at) ? 2 : 1
  }
  return at
}

function kindAt(text: string, at: number): Kind {
  const code = text.charCodeAt(at)
  if (code < 128) return asciiKinds[code] ?? 'single'
  const character = isSurrogatePair(text, at) ? text.slice(at, at + 2) : (text[at] ?? '')
  if (ideographs.test(character)) return 'single'
  if (letters.test(character)) return 'letter'
  if (digits.test(character)) return 'digit'
  return /\s/.test(character) ? 'space' : 'single'
}

const ideographs = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u
const letters = /[\p{L}\p{M}]/u
const digits = /\p{N}/u
const asciiKinds = Array.from({ length: 128 }, (_, code): Kind => {
  const character = String.fromCharCode(code)
  if (/[A-Za-z]/.test(character)) return 'letter'
  if (/[0-9]/.test(character)) return 'digit'
  return /\s/.test(character) ? 'space' : 'single'
})

/** For every code unit, since a look beyond the end of an array is slow. */
const isPlainLetter = new Uint8Array(65_536)
for (const [code, kind] of asciiKinds.entries()) if (kind === 'letter') isPlainLetter[code] = 1

function isSurrogatePair(text: string, at: number): boolean {
  const high = text.charCodeAt(at)
  if (high < 0xd800 || high > 0xdbff) return false
  const low = text.charCodeAt(at + 1)
  return low >= 0xdc00 && low <= 0xdfff
}
