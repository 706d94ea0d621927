import type { Model } from '@anthology/catalog'

import { adviceRows } from './advice-rows.ts'
import type { AdviceTopic } from './advice-rows.ts'

/** Something to consider after a move. It is offered, never applied. */
export interface Advice {
  readonly topic: AdviceTopic
  readonly text: string
  /** The page that says so. */
  readonly link: string
}

/**
 * Lists the advice for the steps between two models. A row belongs to a move if it holds for the new model and not for
 * the old one, so a move over several generations has the rows of all its steps.
 */
export function listAdvice(from: Model, to: Model): readonly Advice[] {
  const steps = adviceRows.filter(({ holds }) => holds(to) && !holds(from))
  return [...steps.map(({ topic, text, link }) => ({ topic, text, link })), ...listReading(to)]
}

const docs = 'https://platform.claude.com/docs/en'

/** Models with a page of their own; all others share one guide. */
const ownGuides: Readonly<Record<string, string>> = {
  'claude-opus-5-5': `${docs}/models/opus-5-5/migration-guide`,
  'claude-sonnet-5-5': `${docs}/models/sonnet-5-5/migration-guide`,
  'claude-haiku-5-5': `${docs}/models/haiku-5-5/migration-guide`,
  'claude-fable-5-1': `${docs}/models/fable-5-1/migration-guide`,
  'claude-fable-5-2': `${docs}/models/fable-5-2/whats-new-fable-5-2`,
}

function listReading({ id, name }: Model): readonly Advice[] {
  const guide = ownGuides[id] ?? `${docs}/about-claude/models/migration-guide`
  return [
    { topic: 'reading', text: `What changes on the way to ${name}.`, link: guide },
    { topic: 'reading', text: 'The release notes, by date.', link: `${docs}/release-notes/overview` },
  ]
}

/** The advice of several moves, each sentence once. */
export function mergeAdvice(moves: readonly { readonly advice: readonly Advice[] }[]): readonly Advice[] {
  const byText = new Map(moves.flatMap(({ advice }) => advice.map((each) => [each.text, each] as const)))
  return [...byText.values()]
}
