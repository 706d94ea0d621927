import { expect, test } from 'vitest'

import { checkServerVersion } from '../../../src/store/postgres/server-version.ts'

test('a PostgreSQL before version 14 is refused with the next step', () => {
  expect(() => checkServerVersion(140_000, '14.0')).not.toThrow()
  expect(() => checkServerVersion(130_021, '13.21')).toThrow(
    expect.objectContaining({
      code: 'store_refused',
      message: 'PostgreSQL 13.21 is too old: the store needs 14 or newer',
      hint: expect.stringContaining('Upgrade PostgreSQL'),
    }),
  )
})
