import assert from 'node:assert/strict'
import { test } from 'node:test'

import { useEmulator } from '@anthology/emulator/node-test'

import { ask, scenario } from './scenario.ts'

const emulator = useEmulator({ scenario })

void test('uses one rule', async () => {
  assert.equal(await ask(emulator.url, 'Hello'), 'Good day.')
})

void test('sends a call that no rule matches', async () => {
  assert.notEqual(await ask(emulator.url, 'Other'), '')
})
