import { expect, test } from 'vitest'

import { apiVersions, parseApiVersion } from '../../src/index.ts'

test.each(apiVersions)('accepts the version %s', (apiVersion) => {
  expect(parseApiVersion(apiVersion)).toEqual({ ok: true, apiVersion })
})

test.each([
  [undefined, 'anthropic-version: header is required'],
  ['', 'anthropic-version: header is required'],
  ['2023-01-01', 'anthropic-version: "2023-01-01" is not a valid version'],
  ['2023-06-01, 2023-06-01', 'anthropic-version: "2023-06-01, 2023-06-01" is not a valid version'],
  ['x'.repeat(500), `anthropic-version: "${'x'.repeat(100)}" is not a valid version`],
])('rejects %j', (header, message) => {
  expect(parseApiVersion(header)).toEqual({ ok: false, message })
})
