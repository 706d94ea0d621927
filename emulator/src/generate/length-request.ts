/** How long an answer was asked to be. */
export interface LengthRequest {
  readonly unit: 'words' | 'tokens' | 'sentences' | 'paragraphs' | 'items' | 'numbers'
  readonly amount: number
}

/** The length a question names, such as `500 words`, `a 2,000-token story`, `count to 50` or `list 10 ideas`. */
export function parseLengthRequest(question: string): LengthRequest | null {
  // Who pastes a long text says before or after it what is to be done with it.
  const isLong = question.length > 2 * maxLookChars
  const text = isLong ? `${question.slice(0, maxLookChars)} ${question.slice(-maxLookChars)}` : question
  if (!someAmount.test(text) || !someUnit.test(text)) return null
  for (const { unit, pattern, max } of lengthRequests) {
    const amount = parseAmount(pattern.exec(text)?.[1])
    if (amount !== null) return { unit, amount: Math.min(amount, max) }
  }
  return null
}

const maxLookChars = 10_000

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
/** Without one of these nothing is wished for. */
const someAmount = new RegExp(`\\d|\\b(?:${amountWords.slice(1).join('|')})`, 'i')
/** Each of the wishes has one of these in it; to look for them all at once costs less than to look for each wish. */
const someUnit =
  /count|token|word|paragraph|sentence|list of|item|bullet|point|idea|tip|reason|example|name|fact|step|thing|way|question|line/i
const asking =
  '(?:list|give|name|write|suggest|tell|show|need|want|share|brainstorm|make|create|generate|top)'
const things =
  '(?:items?|bullets?|bullet points?|points?|ideas?|tips?|reasons?|examples?|names?|facts?|steps?|things|ways|questions?|lines?)'

/** The maxima are beyond any model's output, so that only `max_tokens` cuts an answer. */
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
      `\\b${asking}\\b(?:\\s+\\w+){0,4}?\\s+${amount}(?:\\s+\\w+){0,2}?\\s+${things}\\b`,
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
