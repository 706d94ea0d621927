/**
 * Returns the words that a question requests as its whole answer, as in `Reply with only: pong` or `Say "done"`; null if
 * it requests none. They are quoted, follow a colon, `only` or `exactly`, or are a single word.
 */
export function findRequestedWords(question: string): string | null {
  if (question.length > maxRequestLength) return null
  const line = question.trim()
  for (const { pattern, isLiteral } of requestPatterns) {
    const words = pattern.exec(line)?.[1]?.trim()
    if (words !== undefined && words !== '' && (isLiteral || !descriptionStart.test(words))) return words
  }
  return null
}

const maxRequestLength = 200

const verb = '(?:please )?(?:(?:reply|respond|answer)(?: only| just| exactly)? with|say|repeat(?: after me)?)'
const limits = '(?: only| just| exactly| the words?| the text)*'
const words = '([^"“”\'\\n:]{1,80}?)'

const requestPatterns: readonly { readonly pattern: RegExp; readonly isLiteral: boolean }[] = [
  {
    pattern: new RegExp(`^${verb}${limits}:? ["“']${words}["”'](?: only| please)?[.!]?$`, 'i'),
    isLiteral: true,
  },
  { pattern: new RegExp(`^${verb}${limits}: ${words}(?:,? please)?[.!]?$`, 'i'), isLiteral: true },
  {
    pattern: new RegExp(
      `^(?=[^\\n]{0,40}\\b(?:only|just|exactly) )${verb}${limits} ${words}(?:,? please)?[.!]?$`,
      'i',
    ),
    isLiteral: false,
  },
  {
    pattern: new RegExp(`^${verb} ([\\p{L}\\p{N}_-]{1,40})(?: only|,? please)?[.!]?$`, 'iu'),
    isLiteral: false,
  },
]

/** These words describe an answer, and are not the answer itself. */
const descriptionStart =
  /^(?:an?|one|two|three|the|your|my|some|any|it|that|this|something|anything|nothing|more|again|valid|json|yaml|xml|markdown|html|code)\b/i

/** A greeting at the start of a question. */
export interface Greeting {
  readonly isGreeting: boolean
  /** The question without its greeting; empty if it is only a greeting. */
  readonly rest: string
}

/** Separates a greeting from the rest of a question: `Hi! What is tea?` has the rest `What is tea?`. */
export function readGreeting(question: string): Greeting {
  const [greeting] = greetingStart.exec(question.slice(0, maxRequestLength)) ?? []
  if (greeting === undefined) return { isGreeting: false, rest: question }
  const isWhole = question.trim().length === greeting.trim().length
  const isSentence = /[.!。！]\s*$/.test(greeting)
  return { isGreeting: true, rest: isWhole ? '' : isSentence ? question.slice(greeting.length) : question }
}

/** A greeting, with up to three further words to the end of its sentence, such as `Hello, Claude`. */
const greetingStart =
  /^\s*(?:hi|hello|hey|good (?:morning|evening|afternoon)|hallo|guten (?:tag|morgen|abend)|bonjour|hola|ciao|olá|你好|您好|こんにちは|안녕하세요)(?:(?:,? [\p{L}'’-]+){0,3}\s*(?:[.!。！]+\s*|$)|(?![\p{L}\p{N}]))/iu
