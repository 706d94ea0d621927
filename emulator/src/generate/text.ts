import type { Random } from '../random.ts'
import { createRandom } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import { createExcerpt, findTopic } from './excerpt.ts'
import { createSentences } from './templates.ts'
import { fillToLength } from './length.ts'
import { parseLengthRequest } from './length-request.ts'
import type { Result } from '../tools/turn.ts'

/**
 * Generates the answer to a prompt in parts. It does not depend on the prefill or on `max_tokens`, so its start is
 * always the same.
 */
export function* createAnswer(
  prompt: Prompt,
  modelName: string,
  results: readonly Result[] = [],
): Generator<string> {
  const { tokenizer } = prompt
  const random = createRandom(prompt.fingerprint)
  const sentences = createSentences(findTopic(prompt.question), random)
  const lengthRequest = parseLengthRequest(prompt.question)
  if (lengthRequest) {
    const opening = [...describeResults(results), createLengthOpening(prompt, modelName, random)].join(' ')
    yield* fillToLength(lengthRequest, { opening, modelName, sentences, tokenizer })
    return
  }
  const named = (sentence: string): string => sentence.replaceAll('{model}', modelName)
  const opening = named(random.pick(openings))
  const rest = describeAttachments(results.length > 0 ? { ...prompt, toolResults: 0 } : prompt)
  const head = [
    ...(results.length > 0
      ? [...describeResults(results), opening]
      : [echo(prompt, random), opening, acknowledge(prompt, random)]),
    ...rest,
  ].filter((part) => part !== '')
  let tokens = 0
  for (const [index, part] of head.entries()) {
    yield index === 0 ? part : ` ${part}`
    tokens += tokenizer.count(part)
  }
  const closing = named(random.pick(closings))
  let body = `\n\n${sentences.next()}`
  let bodyTokens = tokenizer.count(body)
  while (tokens + bodyTokens < minTokens) {
    const sentence = ` ${sentences.next()}`
    body += sentence
    // A sentence ends with punctuation, which no token crosses, so the counts add up.
    bodyTokens += tokenizer.count(sentence)
  }
  yield body
  if (tokens + bodyTokens + tokenizer.count(closing) < maxTokensTotal) yield ` ${closing}`
}

/** The token range of an answer without a length request. */
const minTokens = 75
const maxTokensTotal = 150

const openings = [
  'This is the offline stand-in for {model}: no network, no bill, and, to be frank, no thinking either.',
  'You have reached the offline stand-in for {model}, which keeps the form and leaves out the genius.',
  '{model} itself is not on the line; I am its stand-in, offline and in good spirits.',
  'Here speaks the understudy of {model}, offline, with every line made up on this machine.',
] as const

const closings = [
  'Send the same request to the real {model} for a real answer; only the words will differ.',
  'The real {model} would now say something useful; I hand over the same envelope without the letter.',
  'Everything around these words is as {model} would send it, down to the usage figures.',
] as const

const maxQuoteLength = 90

/** Describes the tool results, with excerpts of the first few. */
function describeResults(results: readonly Result[]): readonly string[] {
  const count = results.slice(0, maxDescribed).map(({ name, text, isError }) => {
    const tool = name === '' ? 'The tool' : name
    const excerpt = createExcerpt(text, maxResultLength)
    if (excerpt === '') return isError ? `${tool} failed without a word.` : `${tool} had nothing to say.`
    return isError
      ? `${tool} failed: “${excerpt}”${findEnd(excerpt)}`
      : `${tool} says: “${excerpt}”${findEnd(excerpt)}`
  })
  const left = results.length - count.length
  return left > 0 ? [...count, `There is more from ${formatCount(left, 'further call')}.`] : count
}

const maxDescribed = 3
const maxResultLength = 120

/** Returns a single sentence, because an answer with a length request has little room. */
function createLengthOpening({ question, system, turn }: Prompt, modelName: string, random: Random): string {
  const excerpt = createExcerpt(question, 60).replace(/[.!]$/, '')
  const opening = random.pick([
    `“${excerpt}”, you ask, and the offline stand-in for ${modelName} can at least get the length right`,
    `${modelName} would choose better words for “${excerpt}”; its offline stand-in brings the right number of them`,
    `Offline, and only standing in for ${modelName}, I take “${excerpt}” at its word`,
  ])
  const rule = createExcerpt(system, 40).replace(/[.!]$/, '')
  const additions = [turn > 1 ? `in turn ${turn}` : '', rule === '' ? '' : `with “${rule}” in mind`].filter(
    (text) => text !== '',
  )
  return additions.length === 0 ? `${opening}.` : `${opening}, ${additions.join(' and ')}.`
}

function acknowledge({ question, turn }: Prompt, random: Random): string {
  const excerpt = createExcerpt(question, maxQuoteLength)
  if (excerpt === '')
    return turn > 1 ? `This is turn ${turn} of our conversation.` : 'You sent no words this time.'
  if (turn > 1)
    return `This is turn ${turn} of our conversation, and now you say “${excerpt}”${findEnd(excerpt)}`
  const verb = excerpt.endsWith('?') ? 'asked' : 'wrote'
  const said = [
    `You ${verb} “${excerpt}”, and I read it to the end.`,
    `Your message, “${excerpt}”, arrived in one piece.`,
    `As for “${excerpt}”: a fair thing to bring up.`,
  ] as const
  return random.pick(said)
}

function describeAttachments({ system, images, documents, toolResults }: Prompt): string[] {
  const excerpt = createExcerpt(system, 60)
  const seen = [
    formatCount(images, 'image'),
    formatCount(documents, 'document'),
    formatCount(toolResults, 'tool result'),
  ]
    .filter((text) => text !== '')
    .join(' and ')
  return [
    excerpt === '' ? '' : `Your system prompt, “${excerpt}”, is noted as far as a stand-in can obey one.`,
    seen === '' ? '' : `I also received ${seen}, which I can count but not understand.`,
  ]
}

/** Greets back, or repeats the requested words, as for `Reply with OK`. */
function echo({ question }: Prompt, random: Random): string {
  if (question.length > 200) return ''
  const line = question.trim()
  if (/^(?:hi|hello|hey|good (?:morning|evening|afternoon))\b/i.test(line))
    return random.pick(['Hello to you too!', 'Hello, and well met!', 'Good to hear from you!'])
  const wanted = sayPattern
    .exec(line)?.[1]
    ?.replace(/ (?:only|please)$/i, '')
    .trim()
  if (wanted === undefined || wanted === '') return ''
  const said = wanted.charAt(0).toUpperCase() + wanted.slice(1)
  return /[.!?]$/.test(said) ? said : `${said}.`
}

const sayPattern =
  /^(?:please )?(?:say|reply|respond|answer|repeat)(?: (?:with|only|exactly|just|back|after me|the words?))*:? ['"“]?([^'"“”]{1,60}?)['"”]?[.!]?$/i

function findEnd(excerpt: string): string {
  return /[.!?…]$/.test(excerpt) ? '' : '.'
}

function formatCount(amount: number, noun: string): string {
  if (amount === 0) return ''
  return amount === 1 ? `one ${noun}` : `${amount} ${noun}s`
}
