import { createRandom } from '../random.ts'
import type { Random } from '../random.ts'
import type { Prompt } from '../message/prompt.ts'
import { createExcerpt, findTopic } from './excerpt.ts'
import { createOutline, createSentences } from './templates.ts'
import { fillToLength } from './length.ts'
import { parseLengthRequest } from './length-request.ts'
import { findRequestedWords, readGreeting } from './short-reply.ts'
import type { Result } from '../tools/turn.ts'

/**
 * Generates the answer to a prompt in parts. It does not depend on the prefill or on `max_tokens`, so its start is
 * always the same. emulator/README.md states which parts of the wording are guaranteed.
 */
export function* createAnswer(
  prompt: Prompt,
  modelName: string,
  results: readonly Result[] = [],
): Generator<string> {
  const { question, tokenizer } = prompt
  const requested = results.length > 0 ? null : findRequestedWords(question)
  if (requested !== null) {
    yield requested
    return
  }
  const random = createRandom(prompt.fingerprint)
  const topic = findTopic(question)
  const lengthRequest = parseLengthRequest(question)
  if (lengthRequest) {
    const opening = [...describeResults(results), createLengthOpening(prompt, modelName)].join(' ')
    const sentences = createSentences(topic, random)
    yield* fillToLength(lengthRequest, { opening, modelName, sentences, tokenizer })
    return
  }
  const { isGreeting, rest } = readGreeting(question)
  const hasOnlyGreeting = isGreeting && rest === ''
  const head = [
    isGreeting ? 'Hello.' : '',
    hasOnlyGreeting ? '' : quoteQuestion(rest),
    ...describeResults(results),
    describeEmulator(prompt, modelName, random),
    ...describeRequest(results.length > 0 ? { ...prompt, toolResults: 0 } : prompt),
  ].filter((part) => part !== '')
  for (const [index, part] of head.entries()) yield index === 0 ? part : ` ${part}`
  yield hasOnlyGreeting ? ` ${random.pick(greetingHints)}` : `\n\n${createOutline(topic, random)}`
}

const greetingHints = [
  'Send a question, or start the emulator with a scenario that sets its answers.',
  'A question gets a sample answer, and a scenario sets the answers that you need.',
  'It answers questions with sample texts, or with the texts of a scenario.',
  'Ask a question to see a sample answer, or write a scenario for the answers that you need.',
] as const
const maxQuoteLength = 90

function quoteQuestion(question: string): string {
  const excerpt = createExcerpt(question, maxQuoteLength)
  if (excerpt === '') return 'The message has no text.'
  return `You ${/[?？]$/.test(excerpt) ? 'asked' : 'wrote'}: ${quote(excerpt)}`
}

function describeEmulator({ turn }: Prompt, modelName: string, random: Random): string {
  const emulator = `the offline emulator of ${modelName}`
  if (turn > 1) return `This is turn ${turn} with ${emulator}.`
  return random.pick([
    `This is ${emulator}: no model runs, and this text is a sample.`,
    `This text is a sample from ${emulator}, and no model runs.`,
    `No model runs here: this sample text is from ${emulator}.`,
    `This sample text comes from ${emulator}, which runs no model.`,
  ])
}

/** Describes the tool results, with excerpts of the first few. */
function describeResults(results: readonly Result[]): readonly string[] {
  const described = results.slice(0, maxDescribed).map(({ name, text, isError }) => {
    const tool = name === '' ? 'The tool' : name
    const excerpt = createExcerpt(text, maxResultLength)
    if (excerpt === '') return `${tool} returned ${isError ? 'an error without a text' : 'no text'}.`
    return `${tool} returned ${isError ? 'the error ' : ''}${quote(excerpt)}`
  })
  const left = results.length - described.length
  return left > 0
    ? [...described, `There ${left === 1 ? 'is' : 'are'} ${formatCount(left, 'further result')}.`]
    : described
}

const maxDescribed = 3
const maxResultLength = 120

/** Returns a single sentence, because an answer with a length request has little room. */
function createLengthOpening({ question, system, turn }: Prompt, modelName: string): string {
  const parts = [
    `This is sample text from the offline emulator of ${modelName} for “${cutEnd(createExcerpt(question, 60))}”`,
    turn > 1 ? `in turn ${turn}` : '',
    system.trim() === '' ? '' : `with the system prompt “${cutEnd(createExcerpt(system, 40))}”`,
  ].filter((part) => part !== '')
  return `${parts.join(', ')}.`
}

function describeRequest({ system, images, documents, toolResults }: Prompt): string[] {
  const excerpt = createExcerpt(system, 60)
  const seen = [
    formatCount(images, 'image'),
    formatCount(documents, 'document'),
    formatCount(toolResults, 'tool result'),
  ].filter((text) => text !== '')
  return [
    excerpt === '' ? '' : `The system prompt begins with ${quote(excerpt)}`,
    seen.length === 0 ? '' : `The message has ${joinWithAnd(seen)}.`,
  ]
}

/** Quotes an excerpt, and ends the sentence after it. */
function quote(excerpt: string): string {
  return `“${excerpt}”${/[.!?…。！？]$/.test(excerpt) ? '' : '.'}`
}

function cutEnd(excerpt: string): string {
  return excerpt.replace(/[.!]$/, '')
}

function joinWithAnd(texts: readonly string[]): string {
  return [texts.slice(0, -1).join(', '), ...texts.slice(-1)].filter((text) => text !== '').join(' and ')
}

function formatCount(amount: number, noun: string): string {
  if (amount === 0) return ''
  return amount === 1 ? `one ${noun}` : `${amount} ${noun}s`
}
