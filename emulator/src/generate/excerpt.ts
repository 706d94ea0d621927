/** What of a text is worth quoting: its first sentence, on one line, cut at a word. */
export function createExcerpt(text: string, maxLength: number): string {
  const line = plainLine(text)
  const [sentence = ''] = /^.*?[.!?。！？](?=\s|$)/u.exec(line) ?? [line]
  return cutAtWord(sentence.length >= minSentenceLength ? sentence : line, maxLength)
}

/**
 * The noun phrase a question is about, or null where it cannot be told for sure; a wrong guess
 * reads worse than none.
 */
export function findTopic(text: string): string | null {
  const whole = plainLine(text)
  // To look for one word is quick, and what follows is not.
  if (!topicWord.test(whole)) return null
  const line = whole.replace(trailingRequest, '').replace(/[.!?]+$/, '')
  for (const pattern of topicPatterns) {
    const phrase = pattern.exec(line)?.[1]?.trim().replace(trailingRequest, '')
    if (phrase && isNounPhrase(phrase)) return phrase.replace(/^(The|An?)(?= )/, (word) => word.toLowerCase())
  }
  return null
}

/** A question may be megabytes long; what it is about stands near its beginning. */
const maxLookChars = 4_000
const minSentenceLength = 8

function plainLine(text: string): string {
  const start = text.slice(0, maxLookChars)
  // Agents put reminders and attribution around the user's words.
  const untagged = start.includes('<') ? start.replaceAll(/<([a-z][\w-]{0,40})>[^]*?<\/\1>/g, ' ') : start
  const spoken = untagged.includes(billingLine) ? untagged.replaceAll(billingLines, ' ') : untagged
  const chosen = spoken.trim() === '' ? start : spoken
  // Most texts are of one line, with single spaces and without quotations.
  if (!uneven.test(chosen)) return chosen.trim()
  return chosen
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[“”"]/g, "'")
    .trim()
}

const billingLine = 'x-anthropic-billing-header:'
const billingLines = /^x-anthropic-billing-header:.*$/gm
const uneven = / {2}|[\p{Cc}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff“”"]/u

function cutAtWord(line: string, maxLength: number): string {
  // A character is two code units at most, so that the rest of a long line need not be looked at.
  const characters = Array.from(line.slice(0, 2 * maxLength + 2))
  if (characters.length <= maxLength) return line
  const cut = characters.slice(0, maxLength - 1).join('')
  const border = characters[maxLength - 1] === ' ' ? cut.length : cut.lastIndexOf(' ')
  return `${cut.slice(0, border > maxLength / 2 ? border : cut.length).replace(/[\s,;:–-]+$/, '')}…`
}

const topicPatterns: readonly RegExp[] = [
  /\b(?:about|regarding|concerning) (.+)$/i,
  /\b(?:explain|describe|discuss|summari[sz]e|outline|introduce|review) (?:to me |me |briefly )?(.+)$/i,
  /\b(?:essay|article|story|poem|haiku|note|history|text|paragraphs?|words|report) on (.+)$/i,
  /^(?:so |and |ok,? )?(?:what|who)(?:'s| is| are| was| were) (.+)$/i,
  /^how (?:do|does|did) (.+) work$/i,
]

/** Without one of these none of the patterns holds. */
const topicWord =
  /^(?:so |and |ok,? )?(?:what|who|how)\b|\b(?:about|regarding|concerning|explain|describe|discuss|summari[sz]e|outline|introduce|review|on)\b/i

/** `in 500 words`, `in plain English`, `please` say how, not what. */
const trailingRequest =
  /[,;]?\s*(?:\b(?:in|with|using)(?: \w+){0,2} (?:\d[\d,-]*|one|two|three|four|five|ten|few|simple|short|plain|detail)\b.*|\b(?:please|thanks|thank you))$/i

const maxTopicWords = 7

function isNounPhrase(phrase: string): boolean {
  if (phrase.split(' ').length > maxTopicWords || phrase.length > 60) return false
  if (!/^[\p{L}\p{N}][\p{L}\p{N} '’-]*$/u.test(phrase)) return false
  return !/^(?:how|why|what|when|where|whether|who|which|that|if|to|it|this|you|your|me|my|i|we|going|up)\b/i.test(
    phrase,
  )
}
