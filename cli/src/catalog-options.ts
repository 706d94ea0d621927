import type { LifecycleMode, Platform } from '@anthology/catalog'

import { UsageError, getText } from './command.ts'
import type { Option, Values } from './command.ts'
import { parsePlatform } from './model-name.ts'

/** Options shared by several catalog commands. */
export const asOfOption = {
  type: 'string',
  value: 'DAY',
  help: 'effective date, YYYY-MM-DD (default today)',
} as const satisfies Option

export const regionOption = {
  type: 'string',
  value: 'REGION',
  help: 'region of Bedrock or Vertex AI, e.g. eu-west-1 (default: as in the name of the model, else global)',
} as const satisfies Option

/** The given platform, or undefined. */
export function readPlatform(values: Values): Platform | undefined {
  const text = getText(values, 'platform')
  return text === undefined ? undefined : parsePlatform(text)
}

/** The price class of `--region`: the global endpoint, or one with the regional premium. */
export function readRegionKind(values: Values): 'global' | 'regional' | undefined {
  const text = getText(values, 'region')
  if (text === undefined) return undefined
  return text === 'global' ? 'global' : 'regional'
}

export function readChoice<T extends string>(
  values: Values,
  flag: string,
  choices: readonly T[],
): T | undefined {
  const text = getText(values, flag)
  return text === undefined ? undefined : requireChoice(flag, text, choices)
}

export function requireChoice<T extends string>(flag: string, text: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === text)
  if (chosen !== undefined) return chosen
  throw new UsageError(
    `--${flag} cannot be ${JSON.stringify(text.slice(0, 40))}`,
    `Choose one of ${choices.join(', ')}.`,
  )
}

export const lifecycleModes: readonly LifecycleMode[] = ['ignore', 'warn', 'enforce']
