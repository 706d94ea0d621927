import type { Chance } from '../random.ts'
import { createChance } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import { gistOf, topicOf } from './excerpt.ts'
import { createSentences } from './templates.ts'
import { fulfil } from './length.ts'
import { parseWish } from './length-request.ts'
import type { Result } from '../tools/turn.ts'

/**
 * The answer to a prompt, part by part; the parts join to the text. Nothing in it depends on the
 * prefill or on how long the answer may become, so the beginning is always the same.
 */
export function* compose(
  prompt: Prompt,
  modelName: string,
  results: readonly Result[] = [],
): Generator<string> {
  const { tokenizer } = prompt
  const chance = createChance(prompt.fingerprint)
  const sentences = createSentences(topicOf(prompt.question), chance)
  const wish = parseWish(prompt.question)
  if (wish) {
    const opening = [...tellResults(results), wishOpening(prompt, modelName, chance)].join(' ')
    yield* fulfil(wish, { opening, modelName, sentences, tokenizer })
    return
  }
  const named = (sentence: string): string => sentence.replaceAll('{model}', modelName)
  const opening = named(chance.pick(openings))
  const rest = attachments(results.length > 0 ? { ...prompt, toolResults: 0 } : prompt)
  const head = [
    ...(results.length > 0
      ? [...tellResults(results), opening]
      : [echo(prompt, chance), opening, takeUp(prompt, chance)]),
    ...rest,
  ].filter((part) => part !== '')
  let tokens = 0
  for (const [index, part] of head.entries()) {
    yield index === 0 ? part : ` ${part}`
    tokens += tokenizer.count(part)
  }
  const closing = named(chance.pick(closings))
  let body = `\n\n${sentences.next()}`
  let bodyTokens = tokenizer.count(body)
  while (tokens + bodyTokens < leastTokens) {
    const sentence = ` ${sentences.next()}`
    body += sentence
    // A sentence ends with a mark, and no token goes on from one.
    bodyTokens += tokenizer.count(sentence)
  }
  yield body
  if (tokens + bodyTokens + tokenizer.count(closing) < mostTokens) yield ` ${closing}`
}

/** An ordinary answer stays between these, by its own count. */
const leastTokens = 75
const mostTokens = 150

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

const longestQuote = 90

/** What the tools came back with, the first few in their own words. */
function tellResults(results: readonly Result[]): readonly string[] {
  const told = results.slice(0, mostTold).map(({ name, text, isError }) => {
    const tool = name === '' ? 'The tool' : name
    const gist = gistOf(text, longestResult)
    if (gist === '') return isError ? `${tool} failed without a word.` : `${tool} had nothing to say.`
    return isError ? `${tool} failed: “${gist}”${endOf(gist)}` : `${tool} says: “${gist}”${endOf(gist)}`
  })
  const left = results.length - told.length
  return left > 0 ? [...told, `There is more from ${countOf(left, 'further call')}.`] : told
}

const mostTold = 3
const longestResult = 120

/** One sentence: an answer whose length was asked for has little room for courtesies. */
function wishOpening({ question, system, turn }: Prompt, modelName: string, chance: Chance): string {
  const asked = gistOf(question, 60).replace(/[.!]$/, '')
  const opening = chance.pick([
    `“${asked}”, you ask, and the offline stand-in for ${modelName} can at least get the length right`,
    `${modelName} would choose better words for “${asked}”; its offline stand-in brings the right number of them`,
    `Offline, and only standing in for ${modelName}, I take “${asked}” at its word`,
  ])
  const rule = gistOf(system, 40).replace(/[.!]$/, '')
  const asides = [turn > 1 ? `in turn ${turn}` : '', rule === '' ? '' : `with “${rule}” in mind`].filter(
    (text) => text !== '',
  )
  return asides.length === 0 ? `${opening}.` : `${opening}, ${asides.join(' and ')}.`
}

function takeUp({ question, turn }: Prompt, chance: Chance): string {
  const gist = gistOf(question, longestQuote)
  if (gist === '')
    return turn > 1 ? `This is turn ${turn} of our conversation.` : 'You sent no words this time.'
  if (turn > 1) return `This is turn ${turn} of our conversation, and now you say “${gist}”${endOf(gist)}`
  const verb = gist.endsWith('?') ? 'asked' : 'wrote'
  const said = [
    `You ${verb} “${gist}”, and I read it to the end.`,
    `Your message, “${gist}”, arrived in one piece.`,
    `As for “${gist}”: a fair thing to bring up.`,
  ] as const
  return chance.pick(said)
}

function attachments({ system, images, documents, toolResults }: Prompt): string[] {
  const gist = gistOf(system, 60)
  const seen = [countOf(images, 'image'), countOf(documents, 'document'), countOf(toolResults, 'tool result')]
    .filter((text) => text !== '')
    .join(' and ')
  return [
    gist === '' ? '' : `Your system prompt, “${gist}”, is noted as far as a stand-in can obey one.`,
    seen === '' ? '' : `I also received ${seen}, which I can count but not understand.`,
  ]
}

/** A greeting is returned, and a word that was to be said is said. */
function echo({ question }: Prompt, chance: Chance): string {
  if (question.length > 200) return ''
  const line = question.trim()
  if (/^(?:hi|hello|hey|good (?:morning|evening|afternoon))\b/i.test(line))
    return chance.pick(['Hello to you too!', 'Hello, and well met!', 'Good to hear from you!'])
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

function endOf(gist: string): string {
  return /[.!?…]$/.test(gist) ? '' : '.'
}

function countOf(amount: number, noun: string): string {
  if (amount === 0) return ''
  return amount === 1 ? `one ${noun}` : `${amount} ${noun}s`
}
