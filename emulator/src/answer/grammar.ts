import type { Chance } from '../chance.ts'

/**
 * Makes sentences that are grammatical whatever the topic. What they say is true of most things,
 * which is as much as can be said without a model.
 */
export interface Sentences {
  next(): string
}

export function createSentences(topic: string | null, chance: Chance): Sentences {
  const recentShapes: string[] = []
  let told = 0
  const pickShape = (): string => {
    const isOnTopic = told === 0 || chance.below(4) === 0
    return chance.pick(isOnTopic ? topicShapes : generalShapes)
  }
  const next = (): string => {
    let shape = pickShape()
    for (let tries = 0; tries < mostTries && recentShapes.includes(shape); tries += 1) shape = pickShape()
    recentShapes.push(shape)
    if (recentShapes.length > longestMemory) recentShapes.shift()
    told += 1
    const filled = shape.replaceAll(/\{(\w+)\}/g, (_, slot: string) => fill(slot, topic, chance))
    return filled.charAt(0).toUpperCase() + filled.slice(1)
  }
  return { next }
}

/** A shape does not come back before this many others, or before it was drawn this often. */
const longestMemory = 7
const mostTries = 8

function fill(slot: string, topic: string | null, chance: Chance): string {
  if (slot === 'topic') return topic ?? chance.pick(namesForTheQuestion)
  return chance.pick(slots[slot] ?? [slot])
}

const namesForTheQuestion = ['this question', 'a request like this', 'such a matter', 'what you ask'] as const

const topicShapes = [
  'A good way into {topic} is to {step}.',
  'With {topic}, the {part} usually matters more than the {other}.',
  '{person} would look at {topic} and {step}.',
  'For {topic}, begin with the {part} and {step}.',
  'Sooner or later {topic} comes down to the {part}.',
  'Half the charm of {topic} lies in the {part}.',
  'On {topic} there are many books; {reason}.',
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
  'That much can be said offline; the {part} needs someone who has read more than a catalog.',
] as const

const steps = [
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
] as const

const partNames: readonly [string, ...string[]] = [
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
]

const slots: Readonly<Record<string, readonly [string, ...string[]]>> = {
  step: mapPairs(0),
  doing: mapPairs(1),
  part: partNames,
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
    'not even before the first coffee',
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

function mapPairs(form: 0 | 1): readonly [string, ...string[]] {
  const [first, ...rest] = steps
  return [first[form], ...rest.map((step) => step[form])]
}
