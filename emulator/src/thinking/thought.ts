import { createExcerpt, findTopic } from '../generate/excerpt.ts'
import { createShuffle } from '../random.ts'
import type { Random } from '../random.ts'

/** The input for generated thinking. */
export interface ThoughtContext {
  readonly question: string
  /** The names of the available tools. */
  readonly tools: readonly string[]
  /** The number of new tool results; if there are any, the thinking is about them. */
  readonly results: number
}

/** Generates an endless sequence of sentences about a request, which concatenate to the text of the thinking. */
export function* createThoughts(context: ThoughtContext, random: Random): Generator<string> {
  const { question } = context
  const topic = findTopic(question) ?? 'this'
  yield createOpening(context, random)
  const toolNote = createToolNote(context)
  if (toolNote !== '') yield toolNote
  const deal = createShuffle(shapes, random)
  const dealPart = createShuffle(parts, random)
  for (let count = 1; ; count += 1) {
    const space = count % sentencesPerParagraph === 0 ? '\n\n' : ' '
    yield space + deal().replaceAll('{topic}', topic).replaceAll('{part}', dealPart)
  }
}

const sentencesPerParagraph = 4
const maxQuoteLength = 120

function createOpening({ question, results }: ThoughtContext, random: Random): string {
  if (results > 0) {
    const arrived = results === 1 ? 'The result of the tool is' : `${results} results of tools are`
    return `${arrived} in. ${random.pick(afterResults)}`
  }
  const excerpt = createExcerpt(question, maxQuoteLength)
  if (excerpt === '') return 'The user sent no words, so I have to go by the rest of the request.'
  const said = random.pick([
    `The user says “${excerpt}”`,
    `The request is “${excerpt}”`,
    `I have been given “${excerpt}”`,
  ])
  return `${said}${/[.!?…]$/.test(excerpt) ? '' : '.'} ${random.pick(beginnings)}`
}

function createToolNote({ tools, results }: ThoughtContext): string {
  const [first] = tools
  if (first === undefined || results > 0) return ''
  return tools.length === 1
    ? ` There is a tool at hand, ${first}, if the request asks for it.`
    : ` There are ${tools.length} tools at hand, ${first} among them, if the request asks for one.`
}

const beginnings = [
  'Let me see what is asked before I answer.',
  'I will take that step by step.',
  'What would a good answer have to contain?',
] as const

const afterResults = [
  'Let me see whether that answers the question or whether something is missing.',
  'I should hold it against what was asked.',
  'First I check that it is what I expected.',
] as const

const shapes = [
  'The first thing to settle is {part}.',
  'As for {topic}, I want {part} to be right before anything else.',
  'Could {part} be read in another way? Perhaps, but the plain reading fits better.',
  'Wait, I should check {part} once more.',
  'That still leaves {part} open.',
  'If {part} were different, the answer would be, too; it is not.',
  'I can leave {part} out without losing anything.',
  'Going by the wording, {part} matters more than it seems.',
  'With {topic} it is easy to overlook {part}.',
  'So far {part} holds.',
  'Let me put {part} in one plain sentence.',
  'Good, {part} is settled; on to the next thing.',
  'An example would make {part} clearer than an explanation.',
  'Nothing in the request speaks against {part}.',
] as const

const parts = [
  'what is meant',
  'the order of the steps',
  'the length of the answer',
  'the tone',
  'the odd case at the edge',
  'the part that was not said',
  'the simplest version',
  'the conclusion',
] as const
