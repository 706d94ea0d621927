import type { Model, Platform } from '@anthology/catalog'

/** The move to judge and to rewrite for. */
export interface Move {
  /** Null: every model moves to its own successor, and models without one stay. */
  readonly target: Model | null
  /** The ids or families to move; missing: every model that is older than the target. */
  readonly from?: readonly string[] | undefined
  /** Replace aliases by pinned ids. */
  readonly pin?: boolean | undefined
  /** Also edit documentation. */
  readonly docs?: boolean | undefined
  /** The platform of names that do not show theirs; default: read from the file. */
  readonly platform?: Platform | undefined
  /** A retirement that is further away is a note; missing: every announced one counts. */
  readonly failWithinDays?: number | undefined
  /** The day of the judgement, `YYYY-MM-DD`. */
  readonly day: string
}
