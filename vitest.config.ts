import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/test/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'dist/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['./scripts/test-setup.ts'],
    pool: 'forks',
    // The tests start servers of their own; more workers than this starve them.
    maxWorkers: 2,
    reporters: ['default', './scripts/count-reporter.ts'],
  },
})
