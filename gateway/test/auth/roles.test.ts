import { expect, test } from 'vitest'

import { mayAct } from '../../src/auth/roles.ts'

test('an admin may do everything, a viewer only what viewers may', () => {
  expect(mayAct('admin', 'admin')).toBe(true)
  expect(mayAct('admin', 'viewer')).toBe(true)
  expect(mayAct('viewer', 'viewer')).toBe(true)
  expect(mayAct('viewer', 'admin')).toBe(false)
})
