import type { Model } from './model.ts'
import { claudeHaiku35 } from './models/claude-3-5-haiku.ts'
import { claudeSonnet35 } from './models/claude-3-5-sonnet.ts'
import { claudeSonnet35June } from './models/claude-3-5-sonnet-june.ts'
import { claudeSonnet37 } from './models/claude-3-7-sonnet.ts'
import { claudeHaiku3 } from './models/claude-3-haiku.ts'
import { claudeOpus3 } from './models/claude-3-opus.ts'
import { claudeFable5 } from './models/claude-fable-5.ts'
import { claudeFable51 } from './models/claude-fable-5-1.ts'
import { claudeFable52 } from './models/claude-fable-5-2.ts'
import { claudeHaiku45 } from './models/claude-haiku-4-5.ts'
import { claudeHaiku55 } from './models/claude-haiku-5-5.ts'
import { claudeMythos5 } from './models/claude-mythos-5.ts'
import { claudeMythos51 } from './models/claude-mythos-5-1.ts'
import { claudeMythos52 } from './models/claude-mythos-5-2.ts'
import { claudeMythosPreview } from './models/claude-mythos-preview.ts'
import { claudeOpus4 } from './models/claude-opus-4.ts'
import { claudeOpus41 } from './models/claude-opus-4-1.ts'
import { claudeOpus45 } from './models/claude-opus-4-5.ts'
import { claudeOpus46 } from './models/claude-opus-4-6.ts'
import { claudeOpus47 } from './models/claude-opus-4-7.ts'
import { claudeOpus48 } from './models/claude-opus-4-8.ts'
import { claudeOpus5 } from './models/claude-opus-5.ts'
import { claudeOpus55 } from './models/claude-opus-5-5.ts'
import { claudeSonnet4 } from './models/claude-sonnet-4.ts'
import { claudeSonnet45 } from './models/claude-sonnet-4-5.ts'
import { claudeSonnet46 } from './models/claude-sonnet-4-6.ts'
import { claudeSonnet5 } from './models/claude-sonnet-5.ts'
import { claudeSonnet55 } from './models/claude-sonnet-5-5.ts'

/** Every model of the catalog, newest first, in the order of the Models API. */
export const models: readonly Model[] = [
  claudeFable52,
  claudeMythos52,
  claudeHaiku55,
  claudeSonnet55,
  claudeOpus55,
  claudeFable51,
  claudeMythos51,
  claudeOpus5,
  claudeSonnet5,
  claudeFable5,
  claudeMythos5,
  claudeOpus48,
  claudeOpus47,
  claudeMythosPreview,
  claudeSonnet46,
  claudeOpus46,
  claudeOpus45,
  claudeHaiku45,
  claudeSonnet45,
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
