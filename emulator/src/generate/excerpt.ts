/** Returns a quotable excerpt of a text: its first sentence on one line, cut at a word boundary. */
export function createExcerpt(text: string, maxLength: number): string {
  const line = toPlainLine(text)
  const [sentence = ''] = /^.*?[.!?。！？](?=\s|$)/u.exec(line) ?? [line]
  return cutAtWord(sentence.length >= minSentenceLength ? sentence : line, maxLength)
}

/** Returns the noun phrase that a question is about, or null if it is uncertain: a wrong guess reads worse than none. */
export function findTopic(text: string): string | null {
  const whole = toPlainLine(text)
  // A cheap test first: the patterns below are slow.
  if (!topicWord.test(whole)) return null
  const line = whole.replace(trailingRequest, '').replace(/[.!?]+$/, '')
  for (const pattern of topicPatterns) {
    const phrase = pattern.exec(line)?.[1]?.trim().replace(trailingRequest, '')
    if (phrase && isNounPhrase(phrase)) return phrase.replace(/^(The|An?)(?= )/, (word) => word.toLowerCase())
  }
  return null
}

/** A question may be megabytes long; its topic is near its start. */
const maxScannedChars = 4_000
const minSentenceLength = 8

function toPlainLine(text: string): string {
  const start = text.slice(0, maxScannedChars)
  // Agents put reminders and attribution around the user's words.
  const untagged = start.includes('<') ? start.replaceAll(/<([a-z][\w-]{0,40})>[^]*?<\/\1>/g, ' ') : start
  const withoutBilling = untagged.includes(billingLine) ? untagged.replaceAll(billingLines, ' ') : untagged
  const chosen = withoutBilling.trim() === '' ? start : withoutBilling
  // Most texts are one line with single spaces and without quotation marks.
  if (!needsCleanup.test(chosen)) return chosen.trim()
  return chosen
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .replaceAll(/[“”"]/g, "'")
    .trim()
}

const billingLine = 'x-anthropic-billing-header:'
const billingLines = /^x-anthropic-billing-header:.*$/gm
const needsCleanup = / {2}|[\p{Cc}\p{Zl}\p{Zp}\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\ufeff“”"]/u

function cutAtWord(line: string, maxLength: number): string {
  // A character has at most two code units, so the rest of a long line is not needed.
  const characters = Array.from(line.slice(0, 2 * maxLength + 2))
  if (characters.length <= maxLength) return line
  const cut = characters.slice(0, maxLength - 1).join('')
  const boundary = characters[maxLength - 1] === ' ' ? cut.length : cut.lastIndexOf(' ')
  return `${cut.slice(0, boundary > maxLength / 2 ? boundary : cut.length).replace(/[\s,;:–-]+$/, '')}…`
}

const topicPatterns: readonly RegExp[] = [
  /\b(?:about|regarding|concerning) (.+)$/i,
  /\b(?:explain|describe|discuss|summari[sz]e|outline|introduce|review|compare) (?:to me |me |briefly )?(.+)$/i,
  /\b(?:essay|article|story|poem|haiku|note|history|text|paragraphs?|words|report) on (.+)$/i,
  /\b(?:tips|ideas|reasons|examples|facts) (?:for|of) (.+)$/i,
  /^(?:so |and |ok,? )?(?:what|who)(?:'s| is| are| was| were) (.+)$/i,
  /^how (?:do|does|did) (.+) work$/i,
]

/** No pattern matches a text without one of these words. */
const topicWord =
  /^(?:so |and |ok,? )?(?:what|who|how)\b|\b(?:about|regarding|concerning|explain|describe|discuss|summari[sz]e|outline|introduce|review|compare|on|tips|ideas|reasons|examples|facts)\b/i

/** `in 500 words`, `in plain English` and `please` are not part of the topic. */
const trailingRequest =
  /[,;]?\s*(?:\b(?:in|with|using)(?: \w+){0,2} (?:\d[\d,-]*|one|two|three|four|five|ten|few|simple|short|plain|detail)\b.*|\b(?:please|thanks|thank you|for me))$/i

const maxTopicWords = 7

function isNounPhrase(phrase: string): boolean {
  if (phrase.split(' ').length > maxTopicWords || phrase.length > 60) return false
  if (!/^[\p{L}\p{N}][\p{L}\p{N} '’-]*$/u.test(phrase)) return false
  return !/^(?:how|why|what|when|where|whether|who|which|that|if|to|it|this|you|your|me|my|i|we|going|up)\b/i.test(
    phrase,
  )
}
