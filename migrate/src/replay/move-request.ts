import type { Model } from '@anthology/catalog'

import type { JudgedFinding } from '../finding.ts'
import { migrateText } from '../migrate-text.ts'

export interface MovedRequest {
  readonly body: Readonly<Record<string, unknown>>
  /** What the target refuses and no edit repairs. */
  readonly unrepaired: readonly JudgedFinding[]
}

/** Moves a request to another model by the same edits that `migrate --write` makes in code. */
export function moveRequest(
  request: Readonly<Record<string, unknown>>,
  { target, day }: { readonly target: Model; readonly day: string },
): MovedRequest {
  const { findings, text } = migrateText('request.json', JSON.stringify(request, null, 2), { target, day })
  const moved = JSON.parse(text) as Record<string, unknown> // Edits keep the text an object.
  return {
    body: { ...moved, model: target.id },
    unrepaired: findings.filter(({ severity, edit }) => severity === 'breaks' && edit === null),
  }
}
