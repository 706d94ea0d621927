import { useEmulator } from '@anthology/emulator/vitest'
import { expect, test } from 'vitest'

import { ask, scenario } from './scenario.ts'

const emulator = useEmulator({ scenario })

test('uses one rule', async () => {
  expect(await ask(emulator.url, 'Hello')).toBe('Good day.')
})

test('sends a call that no rule matches', async () => {
  expect(await ask(emulator.url, 'Other')).not.toBe('')
})

test('adds a rule and does not use it', () => {
  emulator.use({ name: 'added', when: { last_user: 'Added' }, reply: { text: 'New.' } })
})
