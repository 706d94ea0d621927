import { emptyDraft, exampleDraft } from './draft.ts'
import type { Draft } from './draft.ts'
import type { TestRow } from './rows/row.ts'
import type { Values } from './variables.ts'

/** All that the user edits on the page: the prompt, the values of its variables, and its test rows. */
export interface Content {
  readonly draft: Draft
  readonly values: Values
  readonly rows: readonly TestRow[]
}

/** The content of a version of a saved prompt, and of a link. */
export interface SavedContent extends Content {
  readonly models: readonly string[]
}

export function createContent(draft: Draft): Content {
  return { draft, values: {}, rows: [] }
}

export const emptyContent = createContent(emptyDraft)
export const exampleContent = createContent(exampleDraft)

/** Whether two contents differ in nothing but the ids of their turns and rows. */
export function isSameContent(one: Content, other: Content): boolean {
  const print = ({ draft, values, rows }: Content) =>
    JSON.stringify([
      { ...draft, turns: draft.turns.map(({ role, blocks, cache }) => ({ role, blocks, cache })) },
      values,
      rows.map((row) => row.values),
    ])
  return print(one) === print(other)
}
