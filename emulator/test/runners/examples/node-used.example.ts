import assert from 'node:assert/strict'
import { test } from 'node:test'

import { useEmulator } from '@anthology/emulator/node-test'

import { ask, scenario } from './scenario.ts'

const emulator = useEmulator({ scenario })

void test('the first rule answers', async () => {
  assert.equal(await ask(emulator.url, 'Hello'), 'Good day.')
  emulator.use({ when: { last_user: 'Added' }, reply: { text: 'New.' } })
  assert.equal(await ask(emulator.url, 'Added'), 'New.')
  assert.equal(emulator.requests.length, 2)
})

void test('the second rule answers, and the requests of the first test are gone', async () => {
  assert.equal(emulator.requests.length, 0)
  assert.equal(emulator.scenario.rules.length, 2)
  assert.equal(await ask(emulator.url, 'The moon?'), 'Full.')
})
