import { expect, test } from 'vitest'

import { allowsUrl } from '../../src/server-tools/domains.ts'

const url = 'https://news.example.org/2025/weather'

test.each([
  [['example.org'], true],
  [['news.example.org'], true],
  [['other.example.org'], false],
  [['ample.org'], false],
  [['example.org/2025'], true],
  [['example.org/2024'], false],
  [['example.org/*/weather'], true],
  [['example.org/*/sport'], false],
])('%j allows and blocks by domain, subdomain and path', (domains, isIn) => {
  expect(allowsUrl({ allowed: domains, blocked: [] }, url)).toBe(isIn)
  expect(allowsUrl({ allowed: null, blocked: domains }, url)).toBe(!isIn)
})
