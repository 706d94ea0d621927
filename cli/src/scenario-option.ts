import { parseScenario } from '@anthology/emulator'
import type { Scenario } from '@anthology/emulator'

import { UsageError, getText } from './command.ts'
import type { Context, Option, Values } from './command.ts'
import { getFileName, readText } from './json-file.ts'

export const scenarioOption = {
  scenario: {
    type: 'string',
    value: 'FILE',
    help: 'answer and fail as this file describes: a scenario in YAML or JSON, or fixtures of aimock',
  },
} as const satisfies Record<string, Option>

/** Reads the scenario that `--scenario` names; undefined if it is not given. */
export async function readScenario(context: Context, values: Values): Promise<Scenario | undefined> {
  const file = getText(values, 'scenario')
  if (file === undefined) return undefined
  const parsed = parseScenario(await readText(context, file), getFileName(file), (line) =>
    context.err(`Note: ${line}`),
  )
  if (parsed.ok) return parsed.value
  throw new UsageError(parsed.message, 'docs/test-offline.md describes scenarios.')
}
