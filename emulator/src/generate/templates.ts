import { createShuffle } from '../random.ts'
import type { Random } from '../random.ts'

/** Generates plain sentences that are grammatical for any topic. */
export interface Sentences {
  next(): string
}

/** The sentences of a text of a requested length. With a topic, the first one and some of the later ones name it. */
export function createSentences(topic: string | null, random: Random): Sentences {
  const fill = createFill(topic, random)
  const dealGeneral = createShuffle(generalShapes, random)
  const dealOnTopic = topic === null ? dealGeneral : createShuffle(topicShapes, random)
  let count = 0
  return {
    next: () => {
      const shape = count === 0 || random.below(4) === 0 ? dealOnTopic() : dealGeneral()
      count += 1
      return fill(shape)
    },
  }
}

/** Returns a sentence about the form of a full answer, which ends an answer without a requested length. */
export function createOutline(topic: string | null, random: Random): string {
  const about = topic === null ? '' : ` about ${topic}`
  return `A full answer${about} would ${random.pick(beginnings)} and ${random.pick(endings)}.`
}

/** Replaces the slots of a shape. No sentence has a part twice, because the two lists have none in common. */
function createFill(topic: string | null, random: Random): (shape: string) => string {
  const dealPart = createShuffle(parts, random)
  const dealOther = createShuffle(otherParts, random)
  return (shape) => {
    const filled = shape
      .replaceAll('{part}', dealPart)
      .replaceAll('{other}', dealOther)
      .replaceAll('{topic}', () => topic ?? '')
    return filled.charAt(0).toUpperCase() + filled.slice(1)
  }
}

const beginnings = [
  'state the main point',
  'begin with a short summary',
  'explain the terms',
  'name the main facts',
  'give a short answer',
  'list the important points',
  'state the result',
  'give an overview',
  'describe the usual case',
  'start with a simple case',
  'name the reasons',
  'compare the options',
  'describe the background',
  'show the steps in order',
  'state what is known',
  'answer in one sentence',
] as const

const endings = [
  'then give details',
  'end with a summary',
  'add an example',
  'then name the exceptions',
  'then describe the limits',
  'add a source for each point',
] as const

const topicShapes = [
  'A description of {topic} starts with {part}.',
  'A summary of {topic} covers {part} and {other}.',
  'For {topic}, {part} comes before {other}.',
  'An overview of {topic} explains {part} first.',
  'Questions about {topic} are often about {part}.',
  'An example makes {topic} easier to explain.',
  'A text about {topic} compares {part} with {other}.',
  'To understand {topic}, read about {part} first.',
  'Notes on {topic} usually include {part}.',
  'In a report on {topic}, {part} has its own section.',
] as const

const generalShapes = [
  'One point is {part}.',
  'Another point is {part}.',
  'After {part}, the text describes {other}.',
  '{part} depends on {other}.',
  '{part} is easier to explain with an example.',
  '{part} follows from {other}.',
  '{part} can be described in one sentence.',
  '{part} needs more detail than {other}.',
  'A table can show {part} and {other} side by side.',
  'An example shows {part}.',
  'If {part} is clear, {other} is easy to follow.',
  'It helps to compare {part} with {other}.',
  'It is useful to write down {part} before {other}.',
  'Many readers look for {part} first.',
  'The next section describes {part}.',
  '{part} has an effect on {other}.',
  'Details on {part} belong in a separate list.',
  'A short list of sources supports {part}.',
] as const

const parts = [
  'the definition',
  'the history',
  'the origin',
  'the usual method',
  'the preparation',
  'the purpose',
  'the most common case',
  'the background',
  'the order of the steps',
  'the main term',
  'the setting',
  'the basic rule',
  'the starting point',
  'the simplest form',
] as const

const otherParts = [
  'the result',
  'the cost',
  'the exception',
  'the limit',
  'the follow-up',
  'the alternative',
  'the time required',
  'the main risk',
  'the source of the data',
  'the practical use',
  'the open question',
] as const
