import type { ComparedValue } from '@anthology/catalog'

import { modelsTexts } from '../texts/models.ts'
import { formatCount } from './format.ts'

/** A fact of a model for a table. */
export function printFact(value: ComparedValue | undefined): string {
  if (value === null || value === undefined) return modelsTexts.unknown
  if (typeof value === 'boolean') return value ? modelsTexts.yes : modelsTexts.no
  return typeof value === 'number' ? formatCount(value) : value
}
