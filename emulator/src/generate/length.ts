import type { TextTokenizer } from '@anthology/catalog'
import type { Sentences } from './templates.ts'
import type { LengthRequest } from './length-request.ts'

export interface FillOptions {
  /** The first sentence, which introduces the emulator. */
  readonly opening: string
  readonly modelName: string
  readonly sentences: Sentences
  readonly tokenizer: TextTokenizer
}

/** Creates an answer of the requested length, including the opening sentence. */
export function fillToLength(
  lengthRequest: LengthRequest,
  { opening, modelName, sentences, tokenizer }: FillOptions,
): Iterable<string> {
  switch (lengthRequest.unit) {
    case 'words':
      return lengthRequest.amount < countWords(opening) + minRestWords
        ? [createShortLine(lengthRequest.amount, modelName, sentences)]
        : fill(lengthRequest.amount, countWords, opening, sentences)
    case 'tokens':
      return fill(lengthRequest.amount, tokenizer.count, opening, sentences)
    case 'sentences':
      return fill(lengthRequest.amount, () => 1, opening, sentences)
    case 'paragraphs':
      return createParagraphs(lengthRequest.amount, opening, sentences)
    case 'items':
      return createItems(lengthRequest.amount, opening, sentences)
    case 'numbers':
      return createNumbers(lengthRequest.amount, opening)
  }
}

/** The opening is omitted if fewer words than this remain after it. */
const minRestWords = 6
const sentencesPerParagraph = 5

/** Stops when one more sentence would overshoot the amount by more than the text now falls short of it. */
function* fill(
  amount: number,
  measure: (text: string) => number,
  opening: string,
  sentences: Sentences,
): Generator<string> {
  yield opening
  let reached = measure(opening)
  for (let count = 1; reached < amount; count += 1) {
    const part = (count % sentencesPerParagraph === 0 ? '\n\n' : ' ') + sentences.next()
    const next = reached + measure(part)
    if (next - amount > amount - reached) return
    yield part
    reached = next
  }
}

function* createParagraphs(amount: number, opening: string, sentences: Sentences): Generator<string> {
  for (let paragraph = 0; paragraph < amount; paragraph += 1) {
    yield paragraph === 0 ? opening : `\n\n${sentences.next()}`
    for (let count = 2; count < sentencesPerParagraph; count += 1) yield ` ${sentences.next()}`
  }
}

function* createItems(amount: number, opening: string, sentences: Sentences): Generator<string> {
  yield `${opening}\n`
  for (let number = 1; number <= amount; number += 1) yield `\n${number}. ${sentences.next()}`
}

function* createNumbers(amount: number, opening: string): Generator<string> {
  yield `${opening}\n\n1`
  for (let number = 2; number <= amount; number += 1) yield `, ${number}`
  yield '.'
}

/** Returns one line with exactly `amount` words; its first words alone are an answer too. */
function createShortLine(amount: number, modelName: string, sentences: Sentences): string {
  let line = `Sample text from the offline emulator of ${modelName}, with the requested number of words.`
  while (countWords(line) < amount) line += ` ${sentences.next()}`
  return `${line.split(' ').slice(0, amount).join(' ').replace(/[,.]$/, '')}.`
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length
}
