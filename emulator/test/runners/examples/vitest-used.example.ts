import { useEmulator } from '@anthology/emulator/vitest'
import { expect, test } from 'vitest'

import { ask, scenario } from './scenario.ts'

const emulator = useEmulator({ scenario })

test('the first rule answers', async () => {
  expect(await ask(emulator.url, 'Hello')).toBe('Good day.')
  emulator.use({ when: { last_user: 'Added' }, reply: { text: 'New.' } })
  expect(await ask(emulator.url, 'Added')).toBe('New.')
  expect(emulator.requests).toHaveLength(2)
})

test('the second rule answers, and the requests of the first test are gone', async () => {
  expect(emulator.requests).toHaveLength(0)
  expect(emulator.scenario.rules).toHaveLength(2)
  expect(await ask(emulator.url, 'The moon?')).toBe('Full.')
})
