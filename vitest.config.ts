import { defineConfig } from 'vitest/config'

import LongestFirst from './scripts/test-order.ts'

const inOneProcess = ['{wire,catalog,emulator,gateway,migrate,cli}/test/**/*.test.ts']
/** Azure's library keeps the tokens of a managed identity for the whole process. */
const inOwnProcess = ['gateway/test/upstreams/credentials/entra.test.ts']
const exclude = ['**/node_modules/**', 'dist/**', 'migrate/test/corpus/**']

export default defineConfig({
  test: {
    // These only end a test that hangs. A busy machine may take many times as long as an idle one.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    setupFiles: ['./scripts/test-setup.ts'],
    pool: 'forks',
    // Many tests wait for their servers half of the time; more workers than this starve them.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      {
        // A worker runs these files in one process, which loads the modules once: half of the time of most files.
        extends: true,
        test: {
          name: 'packages',
          include: inOneProcess,
          exclude: [...exclude, ...inOwnProcess],
          isolate: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          globalSetup: ['./console/test/unpack-browser.ts'],
          include: ['{console,test}/**/*.test.ts', ...inOwnProcess],
          exclude,
        },
      },
    ],
  },
})
