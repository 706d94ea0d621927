import { expect, test } from 'vitest'
import { parseLifecycles } from '../../src/models/model-info.ts'

test.each([
  ['', null],
  ['limit=5', null],
  ['lifecycle[]=retired', ['retired']],
  ['lifecycle%5B%5D=active', ['active']],
  ['lifecycle[]=retired&lifecycle[]=active&lifecycle[]=retired', ['active', 'retired']],
  ['lifecycle=deprecated', ['deprecated']],
])('parses the requested lifecycles: %s', (query, lifecycles) => {
  expect(parseLifecycles(new URLSearchParams(query))).toEqual({ ok: true, lifecycles })
})

test.each([
  ['lifecycle[]=old', 0],
  ['lifecycle[]=active&lifecycle[]=', 1],
  ['lifecycle[]=active&lifecycle=Retired', 1],
])('rejects an unknown lifecycle with its position: %s', (query, at) => {
  expect(parseLifecycles(new URLSearchParams(query))).toEqual({
    ok: false,
    message: `lifecycle.${at}: Input should be 'active', 'deprecated' or 'retired'`,
  })
})
