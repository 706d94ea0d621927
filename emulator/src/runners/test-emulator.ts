import { createEmulator } from '../emulator.ts'
import type { Emulator, EmulatorOptions } from '../emulator.ts'
import { listenEmulator } from '../http/server.ts'
import type { EmulatorServer } from '../http/server.ts'
import { addPeriod, selectOwnProblems, startTotals } from '../scenario/report-totals.ts'
import { verifyReport } from '../scenario/verify.ts'

export interface TestEmulatorOptions extends EmulatorOptions {
  /** Whether to listen on a free port of 127.0.0.1, for `url`; default true. Without a port use `fetch`. */
  readonly listen?: boolean
  /**
   * `end`, the default: each test fails if a call met no rule, or a rule that the test added was not used; after the last
   * test, rules of `scenario` fail that no test used. `each`: every test must use all rules. `false`: nothing is verified.
   */
  readonly verify?: 'end' | 'each' | false
}

export interface TestEmulator extends Emulator {
  /** The base URL of the port, such as `http://127.0.0.1:40123`. Throws before the first test has started. */
  readonly url: string
}

/** The hooks of a test runner. */
export interface RunnerHooks {
  beforeAll(hook: () => Promise<void>): void
  afterEach(hook: () => void): void
  /** The hook receives whether all tests of the file ran. */
  afterAll(hook: (isComplete: boolean) => Promise<void>): void
}

/**
 * Creates an emulator for the tests of one file: it listens before the first test, is reset after each, and closed after
 * the last. Throws a ScenarioError if the scenario is not valid.
 */
export function createTestEmulator(
  { listen = true, verify = 'end', ...options }: TestEmulatorOptions,
  hooks: RunnerHooks,
): TestEmulator {
  const emulator = createEmulator(options)
  let totals = startTotals(emulator.report())
  let hasRun = false
  let server: EmulatorServer | null = null
  hooks.beforeAll(async () => {
    if (listen) server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  })
  hooks.afterEach(() => {
    const report = emulator.report()
    emulator.reset()
    hasRun = true
    totals = addPeriod(totals, report, false)
    if (verify === 'each') verifyReport(report)
    if (verify === 'end') verifyReport(selectOwnProblems(totals, report, false))
  })
  hooks.afterAll(async (isComplete) => {
    await server?.close()
    emulator.close()
    if (verify === 'end' && isComplete && hasRun) verifyReport({ unused: totals.left, unmatched: [] })
  })
  return withUrl(emulator, () => server)
}

/** Adds `url` to the emulator itself, because a copy would lose its getters. */
function withUrl(emulator: Emulator, getServer: () => EmulatorServer | null): TestEmulator {
  const get = (): string => {
    const server = getServer()
    if (server !== null) return server.url
    throw new Error(
      'emulator.url is known when the first test starts, unless listen is false; read it inside a test or a hook',
    )
  }
  // The property is defined here.
  return Object.defineProperty(emulator, 'url', { get, enumerable: true }) as TestEmulator
}
