import type { Model } from '../model.ts'
import { getTokenizer } from './tokenizers.ts'

/**
 * Estimates tokens, because the real tokenizers are not published.
 *
 * A text is split into pieces of one token each: up to four letters, up to three digits, one CJK character or one
 * punctuation mark, each with the preceding space; or a run of up to sixteen white spaces. The pieces concatenate to the
 * text, so they also serve as the deltas of a stream. Splitting never looks back: a text that starts at a piece boundary
 * is split the same way.
 *
 * Calibration: the comparison table's tooltips equate 200K tokens with about 150K words and 680K characters, which is
 * 0.75 words and 3.4 characters per token, for words of 4.53 characters with their space. English prose meets the
 * characters figure within 5%. Words of that length meet the words figure within 15%; longer words cannot meet both, and
 * for prose with 5.8 characters per word (0.58 words per token) the estimate is about 30% above the words figure. CJK
 * text counts one token per character; code and numbers are less accurate.
 *
 * The tokenizer since Opus 4.7 produces 1 to 1.35 times as many tokens (the catalog's `tokenizers`). Here its pieces
 * have at most three letters: English prose grows by about a fifth, other text by less, and CJK not at all.
 */
export interface TextTokenizer {
  readonly count: (text: string) => number
  readonly split: (text: string) => string[]
}

/** Returns the tokenizer of a model. */
export function selectTokenizer(model: Model): TextTokenizer {
  return textTokenizers[getTokenizer(model).id]
}

export const textTokenizers = {
  'before-4.7': createTokenizer(4),
  'since-4.7': createTokenizer(3),
} as const satisfies Record<string, TextTokenizer>

/** `letters` is the maximum per piece. */
function createTokenizer(letters: number): TextTokenizer {
  return {
    count: (text) => {
      let tokens = 0
      for (let at = 0; at < text.length; at = findPieceEnd(text, at, letters)) tokens += 1
      return tokens
    },
    split: (text) => {
      const chunks: string[] = []
      for (let at = 0; at < text.length;) {
        const end = findPieceEnd(text, at, letters)
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

function findPieceEnd(text: string, start: number, letters: number): number {
  return findPlainWordEnd(text, start, letters) ?? findAnyPieceEnd(text, start, letters)
}

/** The fast path: nearly all pieces are ASCII letters, which a table lookup identifies. */
function findPlainWordEnd(text: string, start: number, letters: number): number | null {
  const first = text.charCodeAt(start) === space ? start + 1 : start
  const last = Math.min(first + letters, text.length)
  let at = first
  while (at < last && isPlainLetter[text.charCodeAt(at)] === 1) at += 1
  if (at === first) return null
  // A non-ASCII letter would continue the run.
  return at === first + letters || at === text.length || text.charCodeAt(at) < 128 ? at : null
}

function findAnyPieceEnd(text: string, start: number, letters: number): number {
  const first = getKind(text, start)
  if (first !== 'space') return findRunEnd(text, start, getMax(first, letters))
  if (opensWord(text, start)) return findRunEnd(text, start + 1, getMax(getKind(text, start + 1), letters))
  let at = start + 1
  for (let length = 1; length < maxPieceLength.space && at < text.length; length += 1, at += 1) {
    if (getKind(text, at) !== 'space' || opensWord(text, at)) break
  }
  return at
}

/** A space belongs to the next word; if there are several, only the last one does. */
function opensWord(text: string, at: number): boolean {
  return text.charCodeAt(at) === space && at + 1 < text.length && getKind(text, at + 1) !== 'space'
}

function getMax(kind: Kind, letters: number): number {
  return kind === 'letter' ? letters : maxPieceLength[kind]
}

/** Returns the end of a run of one kind with at most `maxLength` characters. */
function findRunEnd(text: string, start: number, maxLength: number): number {
  if (maxLength === 1) return start + (isSurrogatePair(text, start) ? 2 : 1)
  const kind = getKind(text, start)
  let at = start
  for (let length = 0; length < maxLength && at < text.length; length += 1) {
    if (length > 0 && getKind(text, at) !== kind) break
    at += isSurrogatePair(text, at) ? 2 : 1
  }
  return at
}

function getKind(text: string, at: number): Kind {
  const code = text.codePointAt(at) ?? 0
  if (code < 128) return asciiKinds[code] ?? 'single'
  const known = kindNames[wideKinds[code] ?? 0]
  if (known !== undefined) return known
  const kind = classify(String.fromCodePoint(code))
  wideKinds[code] = kindNames.indexOf(kind)
  return kind
}

/** The kinds of the code points seen so far, because the expressions take ten times as long as a table. */
const wideKinds = new Uint8Array(0x11_0000)
const kindNames = [undefined, 'letter', 'digit', 'space', 'single'] as const

function classify(character: string): Kind {
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

/** Covers every code unit, because reading past the end of an array is slow. */
const isPlainLetter = new Uint8Array(65_536)
for (const [code, kind] of asciiKinds.entries()) if (kind === 'letter') isPlainLetter[code] = 1

function isSurrogatePair(text: string, at: number): boolean {
  const high = text.charCodeAt(at)
  if (high < 0xd800 || high > 0xdbff) return false
  const low = text.charCodeAt(at + 1)
  return low >= 0xdc00 && low <= 0xdfff
}
