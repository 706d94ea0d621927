import { expect, test } from 'vitest'

import { mayAct } from '../../src/auth/roles.ts'

test('an admin may use every route, everybody else those of their role', () => {
  expect(mayAct('admin', [])).toBe(true)
  expect(mayAct('admin', ['viewer'])).toBe(true)
  expect(mayAct('viewer', ['viewer', 'billing'])).toBe(true)
  expect(mayAct('viewer', [])).toBe(false)
  expect(mayAct('billing', ['member', 'viewer'])).toBe(false)
})
