import { findBeta } from '@anthology/catalog'

import { rememberLast } from '../syntax/last-text.ts'

/** A value of `anthropic-beta` in a text. */
export interface WrittenBeta {
  readonly value: string
  readonly start: number
  readonly end: number
}

/** Finds the catalog's betas in a text. */
export const scanBetas: (text: string) => readonly WrittenBeta[] = rememberLast((text) => {
  if (!/-20\d\d-/.test(text)) return []
  return [...text.matchAll(/(?<![\w-])[a-z][a-z0-9]*(?:-[a-z0-9]+)*-20\d\d-\d\d-\d\d(?![\w-])/g)].flatMap(
    ({ 0: value, index }) =>
      findBeta(value) === null ? [] : [{ value, start: index, end: index + value.length }],
  )
})
