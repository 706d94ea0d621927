import type { Model, Platform } from '@anthology/catalog'

import type { Place } from '../find/scan-file.ts'
import type { Segment } from '../find/segments.ts'

/** A name that the edits replace. */
export interface Moved {
  readonly place: Place
  /** The part of the file in which it is used. */
  readonly segment: Segment
  readonly target: Model
  readonly platform: Platform
}
