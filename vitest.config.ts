import { defineConfig } from 'vitest/config'

const pure = ['{wire,catalog}/test/**/*.test.ts']

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
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      {
        // Pure functions: the files of these packages share a process, which loads the modules once.
        extends: true,
        test: { name: 'libraries', include: pure, isolate: false },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: ['*/test/**/*.test.ts', 'test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'dist/**', 'migrate/test/corpus/**', ...pure],
        },
      },
    ],
  },
})
