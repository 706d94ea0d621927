import { claudeHaiku3 } from './models/claude-3-haiku.ts'
import { claudeHaiku35 } from './models/claude-3-5-haiku.ts'
import { claudeOpus3 } from './models/claude-3-opus.ts'
import { claudeOpus4 } from './models/claude-opus-4.ts'
import { claudeOpus41 } from './models/claude-opus-4-1.ts'
import { claudeSonnet35 } from './models/claude-3-5-sonnet.ts'
import { claudeSonnet35June } from './models/claude-3-5-sonnet-june.ts'
import { claudeSonnet37 } from './models/claude-3-7-sonnet.ts'
import { claudeSonnet4 } from './models/claude-sonnet-4.ts'
import type { Model } from './model.ts'

/** Every model of the catalog, newest first, in the order of the Models API. */
export const models: readonly Model[] = [
  claudeOpus41,
  claudeOpus4,
  claudeSonnet4,
  claudeSonnet37,
  claudeSonnet35,
  claudeHaiku35,
  claudeSonnet35June,
  claudeHaiku3,
  claudeOpus3,
]
