/** The requested length of an answer. */
export interface LengthRequest {
  readonly unit: 'words' | 'tokens' | 'sentences' | 'paragraphs' | 'items' | 'numbers'
  readonly amount: number
}

/** Parses a requested length, such as `500 words`, `a 2,000-token story`, `count to 50` or `list 10 ideas`. */
export function parseLengthRequest(question: string): LengthRequest | null {
  // A user who pastes a long text writes the instruction before or after it.
  const isLong = question.length > 2 * maxScannedChars
  const text = isLong ? `${question.slice(0, maxScannedChars)} ${question.slice(-maxScannedChars)}` : question
  if (!someAmount.test(text) || !someUnit.test(text)) return null
  for (const { unit, pattern, max } of lengthRequests) {
    const amount = parseAmount(pattern.exec(text)?.[1])
    if (amount !== null) return { unit, amount: Math.min(amount, max) }
  }
  return null
}

const maxScannedChars = 10_000

const amountWords = [
  'zero',
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
] as const
const amount = `(\\d{1,3}(?:,\\d{3})+|\\d{1,7}|${amountWords.slice(1).join('|')})`
/** Every length request contains one of these. */
const someAmount = new RegExp(`\\d|\\b(?:${amountWords.slice(1).join('|')})`, 'i')
/** Every length request contains one of these; one combined test costs less than one per pattern. */
const someUnit =
  /count|token|word|paragraph|sentence|list of|item|bullet|point|idea|tip|reason|example|name|fact|step|thing|way|question|line/i
const requestVerbs =
  '(?:list|give|name|write|suggest|tell|show|need|want|share|brainstorm|make|create|generate|top)'
const itemNouns =
  '(?:items?|bullets?|bullet points?|points?|ideas?|tips?|reasons?|examples?|names?|facts?|steps?|things|ways|questions?|lines?)'

/** The maxima exceed the output of any model, so only `max_tokens` truncates an answer. */
const lengthRequests: readonly {
  readonly unit: LengthRequest['unit']
  readonly pattern: RegExp
  readonly max: number
}[] = [
  {
    unit: 'numbers',
    pattern: new RegExp(`\\bcount\\b(?:\\s+\\w+){0,4}?\\s+to\\s+${amount}\\b`, 'i'),
    max: 100_000,
  },
  { unit: 'tokens', pattern: new RegExp(`\\b${amount}[\\s-]*tokens?\\b`, 'i'), max: 200_000 },
  { unit: 'words', pattern: new RegExp(`\\b${amount}[\\s-]*words?\\b`, 'i'), max: 200_000 },
  {
    unit: 'paragraphs',
    pattern: new RegExp(`\\b${amount}(?:\\s+\\w+)?[\\s-]*paragraphs?\\b`, 'i'),
    max: 5_000,
  },
  {
    unit: 'sentences',
    pattern: new RegExp(`\\b${amount}(?:\\s+\\w+)?[\\s-]*sentences?\\b`, 'i'),
    max: 20_000,
  },
  {
    unit: 'items',
    pattern: new RegExp(
      `\\b${requestVerbs}\\b(?:\\s+\\w+){0,4}?\\s+${amount}(?:\\s+\\w+){0,2}?\\s+${itemNouns}\\b`,
      'i',
    ),
    max: 10_000,
  },
  { unit: 'items', pattern: new RegExp(`\\blist of ${amount}\\b`, 'i'), max: 10_000 },
]

function parseAmount(text: string | undefined): number | null {
  if (text === undefined) return null
  const word = amountWords.findIndex((candidate) => candidate === text.toLowerCase())
  const value = word >= 0 ? word : Number.parseInt(text.replaceAll(',', ''), 10)
  return value >= 1 ? value : null
}
