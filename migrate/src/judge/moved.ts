import type { Model, Platform } from '@anthology/catalog'

import type { Place } from '../find/scan-file.ts'

/** A name that the edits replace. */
export interface Moved {
  readonly place: Place
  readonly target: Model
  readonly platform: Platform
}
