import type { Model } from '@anthology/catalog'

export type AdviceTopic = 'prompting' | 'effort' | 'practice' | 'reading'

export interface AdviceRow {
  readonly topic: AdviceTopic
  readonly holds: (model: Model) => boolean
  readonly text: string
  readonly link: string
}

const docs = 'https://platform.claude.com/docs/en'
const bestPractices = `${docs}/build-with-claude/prompt-engineering/claude-prompting-best-practices`
const effortPage = `${docs}/build-with-claude/effort`
const guide = `${docs}/about-claude/models/migration-guide`
const stopReasons = `${docs}/build-with-claude/handling-stop-reasons`
const promptingPage = (name: string): string =>
  `${docs}/build-with-claude/prompt-engineering/prompting-claude-${name}`

/** The generation as a number: 4.1 for Opus 4.1. */
function since(generation: number): (model: Model) => boolean {
  return (model) => Number.parseFloat(model.generation) >= generation
}

function hasId(...ids: readonly string[]): (model: Model) => boolean {
  return ({ id }) => ids.includes(id)
}

const isLargest = ({ family }: Model): boolean => family === 'fable' || family === 'mythos'

/**
 * What the prompting guides, the effort page and the migration guides of August to November 2026 advise. Each row holds
 * for the models about which its page says it.
 */
export const adviceRows: readonly AdviceRow[] = [
  {
    topic: 'prompting',
    holds: since(4),
    text: 'It does what is asked and no more: ask for extras in so many words.',
    link: bestPractices,
  },
  {
    topic: 'prompting',
    holds: hasId('claude-opus-4-5-20251101'),
    text: 'With thinking off it reacts to the word "think": write consider or evaluate.',
    link: bestPractices,
  },
  {
    topic: 'prompting',
    holds: since(4.6),
    text: 'Write instructions plainly: "CRITICAL" and "you MUST use this tool" make it use tools too often.',
    link: bestPractices,
  },
  {
    topic: 'prompting',
    holds: since(4.6),
    text: 'Replace a prefill by structured outputs, or by an instruction in the last user message.',
    link: guide,
  },
  {
    topic: 'prompting',
    holds: since(4.7),
    text: 'It follows filters literally ("only report high severity"): ask for everything, and filter the answer.',
    link: bestPractices,
  },
  {
    topic: 'prompting',
    holds: since(4.8),
    text: 'Remove rules such as "summarise after every N tool calls", then tune with a good example.',
    link: promptingPage('opus-4-8'),
  },
  {
    topic: 'prompting',
    holds: (model) => since(5)(model) && model.family === 'opus',
    text: 'Remove requests to check its own answer; state the wanted length, because effort does not shorten the answer.',
    link: promptingPage('opus-5'),
  },
  {
    topic: 'prompting',
    holds: (model) => since(5)(model) && model.family === 'sonnet',
    text: 'The length of an answer follows the task: state it where it matters.',
    link: promptingPage('sonnet-5'),
  },
  {
    topic: 'prompting',
    holds: (model) => since(5.5)(model) || (since(5)(model) && isLargest(model)),
    text: 'Do not ask for written reasoning in the answer, which may be refused: read the thinking by its display.',
    link: promptingPage('opus-5-5'),
  },
  {
    topic: 'prompting',
    holds: hasId('claude-haiku-5-5'),
    text: "Keep a user's text out of tool results, and state the date beside a search tool.",
    link: promptingPage('haiku-5-5'),
  },
  {
    topic: 'effort',
    holds: hasId('claude-sonnet-4-6'),
    text: 'Set output_config.effort: the default is high; medium is a start for a move from Sonnet 4.5.',
    link: effortPage,
  },
  {
    topic: 'effort',
    holds: hasId('claude-opus-4-7', 'claude-opus-4-8'),
    text: 'Start with effort xhigh for code and agents, and with high at least for hard work.',
    link: effortPage,
  },
  {
    topic: 'effort',
    holds: hasId('claude-sonnet-5', 'claude-sonnet-5-5'),
    text: 'Effort medium of Sonnet 5 is about high of Sonnet 4.6: compare by the length of the thinking.',
    link: promptingPage('sonnet-5'),
  },
  {
    topic: 'effort',
    holds: hasId('claude-opus-5'),
    text: 'Try the levels of effort again; low and medium are good, and high is the default.',
    link: effortPage,
  },
  {
    topic: 'effort',
    holds: hasId('claude-opus-5-5'),
    text: 'The default effort medium is at least high of Opus 5; start at low where thinking was off.',
    link: promptingPage('opus-5-5'),
  },
  {
    topic: 'effort',
    holds: hasId('claude-haiku-5-5'),
    text: 'The default effort is medium; at xhigh the whole answer may be thinking.',
    link: promptingPage('haiku-5-5'),
  },
  {
    topic: 'effort',
    holds: (model) => since(5)(model) && isLargest(model),
    text: 'Turns can take many minutes: stream, and raise the time-outs of clients.',
    link: promptingPage('fable-5'),
  },
  {
    topic: 'practice',
    holds: since(4),
    text: 'Handle the stop reason refusal before the content is read.',
    link: stopReasons,
  },
  {
    topic: 'practice',
    holds: since(4.5),
    text: 'Handle the stop reason model_context_window_exceeded.',
    link: stopReasons,
  },
  {
    topic: 'practice',
    holds: since(4.6),
    text: 'Parse the inputs of tools as JSON and never compare their text; stream answers above 16,000 tokens.',
    link: guide,
  },
  {
    topic: 'practice',
    holds: since(4.7),
    text: 'Count the tokens of a sample again, and leave out code that scales coordinates of images.',
    link: guide,
  },
  {
    topic: 'practice',
    holds: (model) => model.thinking !== null && model.thinking.default !== 'off',
    text: 'Find blocks of an answer by their type, and leave room for thinking in max_tokens.',
    link: guide,
  },
]
