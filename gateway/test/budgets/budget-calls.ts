import { createEmulator } from '@anthology/emulator'

import { startGateway } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'

/** A gateway in front of the emulator, with budgets. */
export async function startWithBudgets(options: StartOptions): Promise<RunningGateway> {
  const emulator = createEmulator({ seed: 'budgets' })
  return startGateway({
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
    ...options,
  })
}

export const haiku = 'claude-haiku-4-5'

/** A call of Claude Haiku 4.5: 1 US dollar per million tokens of input, 5 of output. */
export function createBody(given: Readonly<Record<string, unknown>> = {}): string {
  return JSON.stringify({
    model: haiku,
    max_tokens: 100,
    messages: [{ role: 'user', content: 'Name a city.' }],
    ...given,
  })
}

/** The sum of the ledger in nano-dollars; a call without a cost counts with its hold. */
export function sumRows(gateway: RunningGateway): number {
  return gateway
    .rows()
    .reduce((sum, row) => sum + Number(row['cost_nano_usd'] ?? row['hold_nano_usd'] ?? 0), 0)
}
