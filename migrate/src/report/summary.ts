import { models } from '@anthology/catalog'

import { listAdvice } from '../advice/advice.ts'
import type { Advice } from '../advice/advice.ts'
import type { JudgedFinding, Severity } from '../finding.ts'
import { describeMove } from '../judge/describe-move.ts'
import type { MoveChange } from '../judge/describe-move.ts'
import { findMoveTarget } from '../judge/target-of-model.ts'
import type { Move } from '../move.ts'

/** The counts of a run, as `--json` prints them. */
export interface Summary {
  readonly files: FileCounts
  readonly findings: Readonly<Record<Severity, number>>
  readonly edits: number
  readonly edited_files: number
  /** Findings of requests that are refused and that no edit repairs. */
  readonly unrepaired: number
  readonly moves: readonly {
    readonly from: string
    readonly to: string
    readonly places: number
    readonly changes: readonly MoveChange[]
    /** Offered, never applied. */
    readonly advice: readonly Advice[]
  }[]
}

export interface FileCounts {
  readonly read: number
  readonly binary: number
  /** Larger than 1 MB. */
  readonly large: number
}

/** Counts findings as they come, so that a large tree needs no list of them. */
export interface SummaryCounter {
  readonly add: (findings: readonly JudgedFinding[]) => void
  readonly finish: (files: FileCounts) => Summary
}

export function createSummaryCounter(move: Move): SummaryCounter {
  const counts = { breaks: 0, changes: 0, tune: 0, note: 0 }
  const places = new Map<string, number>()
  let [edits, editedFiles, unrepaired] = [0, 0, 0]
  return {
    add: (findings) => {
      for (const { severity, edit, model, code } of findings) {
        counts[severity] += 1
        if (edit !== null) edits += 1
        if (severity === 'breaks' && edit === null) unrepaired += 1
        if (model !== null && severity !== 'note' && code.startsWith('model_'))
          places.set(model, (places.get(model) ?? 0) + 1)
      }
      if (findings.some((finding) => finding.edits.length > 0)) editedFiles += 1
    },
    finish: (files) => ({
      files,
      findings: counts,
      edits,
      edited_files: editedFiles,
      unrepaired,
      moves: [...places].flatMap(([id, count]) => {
        const from = models.find((model) => model.id === id)
        const to = from === undefined ? null : findMoveTarget(from, move)
        if (from === undefined || to === null) return []
        return [
          {
            from: id,
            to: to.id,
            places: count,
            changes: describeMove(from, to, move.day),
            advice: listAdvice(from, to),
          },
        ]
      }),
    }),
  }
}
