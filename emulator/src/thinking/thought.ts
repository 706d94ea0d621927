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
  const topic = findTopic(question)
  yield createOpening(context, random)
  const toolNote = createToolNote(context)
  if (toolNote !== '') yield toolNote
  const dealShape = createShuffle(topic === null ? shapes : [...shapes, ...topicShapes], random)
  const dealPart = createShuffle(parts, random)
  for (let count = 1; ; count += 1) {
    const space = count % sentencesPerParagraph === 0 ? '\n\n' : ' '
    const sentence = dealShape()
      .replaceAll('{part}', dealPart)
      .replaceAll('{topic}', () => topic ?? '')
    yield space + sentence.charAt(0).toUpperCase() + sentence.slice(1)
  }
}

const sentencesPerParagraph = 4
const maxQuoteLength = 120

function createOpening({ question, results }: ThoughtContext, random: Random): string {
  if (results > 0) {
    const available =
      results === 1 ? 'The tool result is available.' : `${results} tool results are available.`
    return `${available} ${random.pick(afterResults)}`
  }
  const excerpt = createExcerpt(question, maxQuoteLength)
  if (excerpt === '') return 'The last message has no text, so I use the rest of the request.'
  const verb = /[?？]$/.test(excerpt) ? 'asks' : 'writes'
  const end = /[.!?…。！？]$/.test(excerpt) ? '' : '.'
  return `The user ${verb}: “${excerpt}”${end} ${random.pick(beginnings)}`
}

function createToolNote({ tools, results }: ThoughtContext): string {
  const [first] = tools
  if (first === undefined || results > 0) return ''
  return tools.length === 1
    ? ` The tool ${first} is available if the request needs it.`
    : ` ${tools.length} tools are available, among them ${first}.`
}

const beginnings = [
  'I will answer in short sentences.',
  'I will take the points in order.',
  'I will state the main point first.',
] as const

const afterResults = [
  'I will use it in the answer.',
  'I will compare it with the request.',
  'I will summarize it for the user.',
] as const

const shapes = [
  'The answer covers {part}.',
  'The next point is {part}.',
  '{part} belongs near the start.',
  'An example makes {part} clear.',
  'I will state {part} in one sentence.',
  'I will keep {part} short.',
  'The user needs {part} to continue.',
  'Details on {part} can follow later.',
  'I will describe {part} after that.',
  '{part} follows from the request.',
  'A list is a good form for {part}.',
  'The wording of the request determines {part}.',
] as const

const topicShapes = [
  'For {topic}, {part} is important.',
  'The request is about {topic}, so {part} comes early.',
] as const

const parts = [
  'the main point',
  'the background',
  'the definition',
  'the order of the steps',
  'the result',
  'the reason',
  'the main term',
  'the conclusion',
] as const
