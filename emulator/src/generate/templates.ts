import { createShuffle } from '../random.ts'
import type { Random } from '../random.ts'

/** Generates sentences that are grammatical for any topic, and general enough to be true of most. */
export interface Sentences {
  next(): string
}

/** With a topic, the first sentence and some of the later ones are about it. */
export function createSentences(topic: string | null, random: Random): Sentences {
  const dealGeneral = createShuffle(generalShapes, random)
  const dealOnTopic = topic === null ? dealGeneral : createShuffle(topicShapes, random)
  const dealStep = createShuffle(steps, random)
  const shuffles = new Map<string, () => string>()
  const deal = (slot: string): string => {
    const words = slots[slot]
    if (!words) throw new Error(`no words for the slot ${slot}`)
    const shuffle = shuffles.get(slot) ?? createShuffle(words, random)
    shuffles.set(slot, shuffle)
    return shuffle()
  }
  const fill = (_: string, slot: string): string => {
    if (slot === 'topic') return topic ?? slot
    if (slot === 'step') return dealStep()[0]
    if (slot === 'doing') return dealStep()[1]
    return deal(slot)
  }
  let count = 0
  return {
    next: () => {
      const shape = count === 0 || random.below(4) === 0 ? dealOnTopic() : dealGeneral()
      count += 1
      const filled = shape.replaceAll(/\{(\w+)\}/g, fill)
      return filled.charAt(0).toUpperCase() + filled.slice(1)
    },
  }
}

const topicShapes = [
  'A good way into {topic} is to {step}.',
  'With {topic}, the {part} usually matters more than the {other}.',
  '{person} would look at {topic} and {step}.',
  'For {topic}, begin with the {part} and {step}.',
  'Sooner or later {topic} comes down to the {part}.',
  'Half the charm of {topic} lies in the {part}.',
  'Whole books have been written on {topic}; this is not one of them.',
  'Ask three people about {topic} and at least one will mention the {part}.',
  'The short version of {topic} has room for one thing: the {part}.',
  'To do justice to {topic}, {step}.',
] as const

const generalShapes = [
  'Before anything else, {step}.',
  'Then {step}, because {reason}.',
  'It helps to {step}; {reason}.',
  'If the {part} looks {quality}, {step}.',
  'The {part} can wait until the {other} is {quality}.',
  'Nobody ever regretted {doing}, {occasion}.',
  '{doing} is rarely wasted, {occasion}.',
  '{person} keeps the {part} {quality} and lets the {other} follow.',
  'What makes the {part} {quality} is often {doing}.',
  'Once the {part} is {quality}, {step} and stop there.',
  'There is a case for {doing}: {reason}.',
  'Some begin with the {part} and some with the {other}, and both arrive.',
  'Where opinions differ, {step} and see which one is left.',
  'As {person} likes to say, {reason}.',
  'A first draft of the {part} may be wrong as long as it is {quality}.',
  'Spend an hour on the {part}, a minute on the {other}, and {step}.',
  'A model would now weigh its words; a stand-in can only promise that they are {quality}.',
  'This much can be said offline; the rest needs someone who has read more than a catalog.',
] as const

/** An infinitive and its gerund. */
type Step = readonly [string, string]

const steps: readonly [Step, ...Step[]] = [
  ['write down what is already known', 'writing down what is already known'],
  ['start with one small example', 'starting with one small example'],
  ['name the parts before joining them', 'naming the parts before joining them'],
  ['sketch it on the back of an envelope', 'sketching it on the back of an envelope'],
  ['ask what would prove the idea wrong', 'asking what would prove the idea wrong'],
  ['explain it to a patient friend', 'explaining it to a patient friend'],
  ['measure it once more', 'measuring once more'],
  ['leave out what nobody would miss', 'leaving out what nobody would miss'],
  ['put two versions side by side', 'putting two versions side by side'],
  ['keep a note of every guess', 'keeping a note of every guess'],
  ['take the shortest road that still works', 'taking the shortest road that still works'],
  ['sleep on it and read it again', 'sleeping on it and reading it again'],
  ['check the dull case first', 'checking the dull case first'],
  ['say it in one plain line', 'saying it in one plain line'],
]

const slots: Readonly<Record<string, readonly [string, ...string[]]>> = {
  part: [
    'outline',
    'first example',
    'order of the steps',
    'odd exception',
    'simplest case',
    'quiet middle part',
    'choice of words',
    'small print',
    'opening',
    'last tenth',
  ],
  other: ['grand theory', 'title', 'decoration', 'schedule', 'tool in use', 'clever shortcut', 'summary'],
  quality: ['clear', 'simple', 'honest', 'familiar', 'easy to change', 'worth a second look', 'steady'],
  person: [
    'a careful engineer',
    'a good teacher',
    'an honest editor',
    'a curious beginner',
    'a wise neighbour',
  ],
  occasion: [
    'even on a Monday',
    'least of all when the answer seems obvious',
    'however near the deadline is',
    'even before the first coffee',
    'and it costs next to nothing',
  ],
  reason: [
    'the second look finds what the first one only hoped for',
    'small steps are easy to take back',
    'a plain example outlives a clever explanation',
    'surprises are cheaper when they come early',
    'the next reader may well be you',
    'good questions age better than quick answers',
    'a short list beats a long memory',
    'details have a habit of coming back',
  ],
}
