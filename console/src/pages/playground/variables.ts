import type { Draft } from './draft.ts'

/** The values of variables by their names. */
export type Values = Readonly<Record<string, string>>

const variable = /\{\{\s*([\w.-]+)\s*\}\}/g

/** The value of a variable, whose name may be that of a member of every object; empty without one. */
export function readValue(values: Values, name: string): string {
  return Object.hasOwn(values, name) ? (values[name] ?? '') : ''
}

/** Replaces `{{name}}` by its value; a variable without one stays as it is. */
export function fillVariables(text: string, values: Values): string {
  return text.replaceAll(
    variable,
    (whole, name: string) => (Object.hasOwn(values, name) ? values[name] : whole) ?? whole,
  )
}

/** The names of the draft's variables, in the order of their first place. */
export function listVariables({ system, turns }: Pick<Draft, 'system' | 'turns'>): readonly string[] {
  const texts = [
    system,
    ...turns.flatMap(({ blocks }) =>
      blocks.flatMap((block) => (block.kind === 'text' || block.kind === 'tool_result' ? [block.text] : [])),
    ),
  ]
  return [...new Set(texts.flatMap((text) => [...text.matchAll(variable)].map(([, name = '']) => name)))]
}
