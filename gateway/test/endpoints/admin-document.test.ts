import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { printFiles } from '../../../scripts/admin-api.ts'

const root = join(import.meta.dirname, '../../..')

test.each(printFiles())('$path is the one that `node scripts/admin-api.ts` writes', ({ path, text }) => {
  expect(readFileSync(join(root, path), 'utf8')).toBe(text)
})
