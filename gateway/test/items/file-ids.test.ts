import { expect, test } from 'vitest'

import { mayNameFiles } from '../../src/items/file-ids.ts'

test.each([
  ['{"file_id":"file_1"}', true],
  ['{"\\u0066ile_id":"file_1"}', true],
  ['{"fil\\u0065_id":"file_1"}', true],
  ['{"file\\u005Fid":"file_1"}', true],
  ['{"fi\\u006Ce_id":"file_1"}', true],
  ['{"file_i\\u0064":"file_1"}', true],
  ['{"f\\u0069le_id":"file_1"}', true],
  ['{"text":"caf\\u00e9 \\u0026 \\u003c \\u2028 \\ud83d\\ude00"}', false],
  ['{"text":"a file_id in words","profile_id":1}', false],
  ['\\u00', false],
  ['', false],
])('looks closer at %j: %s', (text, closer) => {
  expect(mayNameFiles(Buffer.from(text))).toBe(closer)
})
