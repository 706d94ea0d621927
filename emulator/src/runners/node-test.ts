import { after, afterEach, before } from 'node:test'

import { createTestEmulator } from './test-emulator.ts'
import type { TestEmulator, TestEmulatorOptions } from './test-emulator.ts'

export type { TestEmulator, TestEmulatorOptions } from './test-emulator.ts'

/**
 * An emulator for the tests of one file of `node --test`: it listens before the first test, is reset after each, and
 * closed after the last. The runner does not state whether all tests ran: with `--test-name-pattern`, set
 * `verify: false`.
 *
 * ```js
 * const emulator = useEmulator({ scenario })
 * test('...', () => runMyApp({ baseUrl: emulator.url }))
 * ```
 */
export function useEmulator(options: TestEmulatorOptions = {}): TestEmulator {
  return createTestEmulator(options, {
    beforeAll: (hook) => before(hook),
    afterEach: (hook) => afterEach(hook),
    afterAll: (hook) => after(() => hook(true)),
  })
}
