import type { Group } from './group.ts'
import type { Language } from './language.ts'
import { tokenize } from './tokenize.ts'
import type { Token } from './tokenize.ts'

/** A piece of source in one language. Offsets count from the start of the text, not of the file. */
export interface Source {
  readonly text: string
  readonly language: Language
  readonly tokens: readonly Token[]
  /** For each token that is a bracket, the index of its partner; -1 for all others. */
  readonly partners: Int32Array
  /** Groups that were read before, by the index of their opening bracket. */
  readonly groups: Map<number, Group>
  /** The groups around a token, by its index. */
  readonly enclosing: Map<number, readonly Group[]>
  /** The tree of a YAML or line-based text. */
  root: Group | null
}

export function createSource(text: string, language: Language): Source {
  const tokens = language.layout === 'prose' ? [] : tokenize(text, language)
  return {
    text,
    language,
    tokens,
    partners: pairBrackets(text, tokens),
    groups: new Map(),
    enclosing: new Map(),
    root: null,
  }
}

/** A bracket that closes another kind is left unpaired, so that one error does not reach the whole file. */
function pairBrackets(text: string, tokens: readonly Token[]): Int32Array {
  const partners = new Int32Array(tokens.length).fill(-1)
  const open: number[] = []
  for (const [index, token] of tokens.entries()) {
    if (token.kind === 'open') open.push(index)
    if (token.kind !== 'close') continue
    const wanted = opening[text[token.start] ?? ''] ?? ''
    const at = open.findLastIndex((each) => text[tokens[each]?.start ?? 0] === wanted)
    if (at === -1) continue
    const partner = open[at] ?? -1
    open.length = at
    partners[index] = partner
    partners[partner] = index
  }
  return partners
}

const opening: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{' }

/** The index of the token that contains the offset, or of the last one before it; -1 before the first. */
export function findTokenIndex({ tokens }: Source, offset: number): number {
  let [low, high] = [0, tokens.length - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    if ((tokens[middle]?.start ?? 0) <= offset) low = middle + 1
    else high = middle - 1
  }
  return high
}

/** The token that contains the offset. */
export function findToken(source: Source, offset: number): Token | null {
  const token = source.tokens[findTokenIndex(source, offset)]
  return token !== undefined && offset < token.end ? token : null
}

export function getTokenText({ text }: Source, token: Token | undefined): string {
  return token === undefined ? '' : text.slice(token.start, token.end)
}

/** Indexes of the opening brackets around an offset, the innermost first. */
export function listOpenBrackets({ tokens, partners }: Source, from: number): number[] {
  const found: number[] = []
  for (let index = from; index >= 0; index -= 1) {
    const kind = tokens[index]?.kind
    const partner = partners[index] ?? -1
    if (kind === 'close' && partner >= 0) index = partner
    else if (kind === 'open' && partner >= 0) found.push(index)
    if (found.length >= maxDepth) break
  }
  return found
}

const maxDepth = 40
