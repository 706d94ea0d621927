import { afterAll, afterEach, beforeAll } from 'vitest'

import { createTestEmulator } from './test-emulator.ts'
import type { TestEmulator, TestEmulatorOptions } from './test-emulator.ts'

export type { TestEmulator, TestEmulatorOptions } from './test-emulator.ts'

/**
 * An emulator for the tests of one vitest file: it listens before the first test, is reset after each, and closed after
 * the last. If only some tests of the file run, rules that no test used are not reported.
 *
 * ```ts
 * const emulator = useEmulator({ scenario })
 * test('...', () => runMyApp({ baseUrl: emulator.url }))
 * ```
 */
export function useEmulator(options: TestEmulatorOptions = {}): TestEmulator {
  let file: unknown = null
  return createTestEmulator(options, {
    beforeAll: (hook) => beforeAll(hook),
    afterEach: (hook) =>
      // Vitest requires that a context is destructured.
      afterEach(({ task }) => {
        file = task.file
        hook()
      }),
    afterAll: (hook) => afterAll(() => hook(isComplete(file))),
  })
}

/** Whether all tests of a file or a suite run; those that a filter leaves out are skipped. */
function isComplete(task: unknown): boolean {
  if (typeof task !== 'object' || task === null) return true
  if ('mode' in task && task.mode === 'skip') return false
  return 'tasks' in task && Array.isArray(task.tasks) ? task.tasks.every(isComplete) : true
}
