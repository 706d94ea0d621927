import { useEmulator } from '@anthology/emulator/vitest'
import { expect, test } from 'vitest'

import { ask, scenario } from './scenario.ts'

const emulator = useEmulator({ scenario, listen: false, verify: 'each' })

test('has no port', () => {
  expect(() => emulator.url).toThrow('unless listen is false')
})

test('uses all rules without a port', async () => {
  expect(await ask('', 'Hello', emulator.fetch)).toBe('Good day.')
  expect(await ask('', 'moon', emulator.fetch)).toBe('Full.')
})
