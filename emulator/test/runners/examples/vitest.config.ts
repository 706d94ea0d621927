import { defineConfig } from 'vitest/config'

export default defineConfig({ test: { include: ['emulator/test/runners/examples/vitest-*.example.ts'] } })
