/** A value in a question, with its position. */
export interface Hint {
  readonly kind: HintKind
  readonly text: string
  readonly at: number
  readonly end: number
}

export type HintKind =
  | 'quoted'
  | 'code'
  | 'url'
  | 'email'
  | 'path'
  | 'zone'
  | 'date'
  | 'time'
  | 'expression'
  | 'number'
  | 'ticker'
  | 'proper'
  | 'phrase'
  | 'topic'

/** Reads the values in a question that tool inputs can use, in order of position. */
export function readHints(question: string): readonly Hint[] {
  const text = question.slice(0, maxScannedChars)
  const hints = patterns.flatMap(({ kind, pattern, accept }) =>
    [...text.matchAll(pattern)].flatMap((match): Hint[] => {
      const found = match[1] ?? match[0]
      // Quoted values are literal; elsewhere final punctuation belongs to the sentence.
      const value = kind === 'quoted' || kind === 'code' ? found : found.trim().replace(/[.,;:!?]+$/, '')
      const at = match.index + match[0].indexOf(match[1] ?? match[0])
      if (value.trim() === '' || (accept && !accept(value, text, at))) return []
      return [{ kind, text: value, at, end: at + value.length }]
    }),
  )
  return hints.toSorted((one, other) => one.at - other.at || other.end - one.end)
}

const maxScannedChars = 10_000

interface Pattern {
  readonly kind: HintKind
  readonly pattern: RegExp
  readonly accept?: (value: string, text: string, at: number) => boolean
}

const patterns: readonly Pattern[] = [
  { kind: 'code', pattern: /`([^`\n]{1,500})`/g },
  { kind: 'quoted', pattern: /"([^"\n]{1,500})"/g },
  { kind: 'quoted', pattern: /“([^”\n]{1,500})”/g },
  { kind: 'quoted', pattern: /(?<=^|[\s(:=,])'([^'\n]{1,500})'(?=$|[\s).,;:!?])/g },
  { kind: 'url', pattern: /https?:\/\/[^\s<>"'`]{1,500}/g },
  { kind: 'email', pattern: /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g },
  { kind: 'path', pattern: /(?<![\w:/])(?:~|\.{1,2})?\/[\w.@-]+(?:\/[\w.@-]+)*\/?/g },
  {
    kind: 'path',
    pattern: /(?<![\w:/.@-])[\w-]{1,100}(?:[./][\w-]{1,100}){0,8}\.[a-z][a-z0-9]{0,4}\b(?![/@])/g,
    accept: (value) => !/^(?:e\.g|i\.e|etc\.)/.test(value),
  },
  { kind: 'zone', pattern: /\b(?:UTC|GMT|[A-Z][a-z]+\/[A-Z]\w+(?:\/\w+)?)\b/g },
  { kind: 'date', pattern: /\b\d{4}-\d{2}-\d{2}\b/g },
  { kind: 'time', pattern: /\b\d{1,2}:\d{2}(?::\d{2})?\b/g },
  {
    kind: 'expression',
    pattern: /(?<![\w.-])[(\d][\d\s.()+*/^%-]{0,80}[+*/^%-][\d\s.()+*/^%-]{0,80}[\d)]/g,
    accept: (value) => !/^\d{4}-\d{2}-\d{2}$/.test(value),
  },
  { kind: 'number', pattern: /(?<![\w.:-])-?\d{1,15}(?:,\d{3})*(?:\.\d{1,10})?(?![\w:]|[.-]\d)/g },
  { kind: 'ticker', pattern: /\b[A-Z]{2,5}\b/g },
  {
    kind: 'proper',
    pattern:
      /(?<![\w/.@'"`-])\p{Lu}[\p{L}'’-]*(?: (?:(?:of|de|da|del|la|the|van|von) )?\p{Lu}[\p{L}'’-]*){0,4}(?:, [A-Z]{2}\b)?/gu,
    accept: isProper,
  },
  { kind: 'phrase', pattern: matchAfter('in|for|at|near|named|called|from|to'), accept: isInformative },
  { kind: 'topic', pattern: matchAfter('about|on|for'), accept: isInformative },
]

/** Whether a capitalized word is a proper noun, not just the start of a sentence. */
function isProper(value: string, text: string, at: number): boolean {
  if (sentenceOpener.test(value) && !value.includes(' ')) return false
  const before = text.slice(0, at).trimEnd()
  return (
    (before !== '' && !/[.!?:\n]$/.test(before)) || value.includes(' ') || /^[\p{L}'’-]+$/u.test(text.trim())
  )
}

const sentenceOpener =
  /^(?:I|I'm|What|What's|Who|Whose|Where|When|Why|How|Is|Are|Was|Do|Does|Did|Can|Could|Would|Will|Should|Please|The|A|An|And|Or|Then|Use|Call|Run|Find|Get|Give|Tell|Show|Read|Write|Edit|Search|Look|Check|Add|Create|Make|Set|List|Return|Extract|Celsius|Fahrenheit)$/

/** Matches a few lower-case words between a preposition and the end of their clause. */
function matchAfter(prepositions: string): RegExp {
  const words = String.raw`(?:the )?\p{Ll}[\p{L}'’]*(?: [\p{L}\d'’]+){0,3}`
  return new RegExp(String.raw`\b(?:${prepositions}) (${words})(?=[?.!,;]|$| and | then )`, 'gmu')
}

function isInformative(phrase: string): boolean {
  return !/^(?:the )?(?:it|me|you|us|this|that|them|today|tomorrow|now|a|an|my|your)\b/i.test(phrase)
}
