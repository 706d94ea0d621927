import { expect, test } from 'vitest'

import { formatCsvLine } from '../../src/ledger/csv.ts'

test('a line quotes what separates cells, and a text that a spreadsheet would run is no formula', () => {
  expect(formatCsvLine(['plain', 'a,b', 'a "b"', 'a\nb'])).toBe('plain,"a,b","a ""b""","a\nb"')
  expect(formatCsvLine(['=1+1', '+cmd', '-2+3', '@SUM(1)', '\tx'])).toBe("'=1+1,'+cmd,'-2+3,'@SUM(1),'\tx")
  expect(formatCsvLine(['-5', '+12.5', '-5.25 %', '0.000000001'])).toBe('-5,+12.5,-5.25 %,0.000000001')
})
