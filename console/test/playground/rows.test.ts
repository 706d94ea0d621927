import { readFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'

import { readNanoUsd } from '../../src/parts/format.ts'
import { printCsv } from '../../src/parts/csv.ts'
import { parseCsv } from '../../src/pages/playground/rows/parse-csv.ts'
import { readRows } from '../../src/pages/playground/rows/row.ts'
import { checkAccessibility } from '../accessibility.ts'
import { startPlayground } from './open-playground.ts'
import type { PlaygroundTest } from './open-playground.ts'

let playground: PlaygroundTest

beforeAll(async () => {
  playground = await startPlayground()
})

afterAll(() => playground.close())

test('rows of a CSV file run on two models, get grades, and leave with exact costs and no formula', async () => {
  playground.emulator.use({
    when: { last_user: { regex: '^Translate (.*)' } },
    reply: { text: '=SUM({{match.1}})' },
  })
  const page = await playground.open('?m=claude-sonnet-4-5-20250929,claude-haiku-4-5-20251001')
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Translate {{word}}')
  await page.getByText('Test rows').first().click()
  const csv = Buffer.from('word,other\r\none,x\r\n"t""w,o",y\r\n=three,z\r\nfour,\r\nfive,\r\nsix,\r\n')
  await page.getByLabel('Import CSV').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: csv })
  await page.getByRole('button', { name: 'Run all rows' }).click()
  await expect.poll(() => page.getByLabel(/^Grade of/).count()).toBe(12)
  await page.getByLabel('Grade of Claude Haiku 4.5, row 2').selectOption('4')
  const total = await page.getByText(/^Total cost/).innerText()
  const findings = await checkAccessibility(page, { part: '.table-frame' })
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export CSV' }).click(),
  ])
  const [head = [], ...rows] = parseCsv(readFileSync(await download.path(), 'utf8'))
  const list = () =>
    playground.server.admin<{ readonly data: readonly { readonly cost_usd: string | null }[] }>(
      'GET',
      '/admin/v1/calls?limit=100',
    )
  // The rows of the last calls follow their answers by a moment.
  await expect
    .poll(async () => (await list()).data.filter(({ cost_usd: cost }) => cost !== null).length)
    .toBe(12)
  const { data } = await list()

  expect(head.slice(0, 2)).toEqual(['word', 'claude-sonnet-4-5-20250929 answer'])
  expect(rows.map(([word]) => word)).toEqual(['one', 't"w,o', "'=three", 'four', 'five', 'six'])
  expect(rows[0]?.[1]).toBe("'=SUM(one)")
  expect(rows[1]?.[6]).toBe('4')
  expect(data).toHaveLength(12)
  const sum = data.reduce((nanoUsd, call) => nanoUsd + readNanoUsd(call.cost_usd ?? ''), 0n)
  expect(readNanoUsd(total.replace('Total cost $', ''))).toBe(sum)
  expect(findings).toEqual([])
})

test('results and grades of rows, and answers, stay while another page is shown', async () => {
  playground.emulator.use({
    when: { last_user: { regex: '^Keep (.*)' } },
    reply: { text: 'kept {{match.1}}' },
  })
  const page = await playground.open()
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Keep {{n}}')
  await page.getByText('Test rows').first().click()
  const csv = Buffer.from('n\nfirst\nsecond\n')
  await page.getByLabel('Import CSV').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: csv })
  await page.getByLabel('{{n}}', { exact: true }).fill('alone')
  await page.getByRole('button', { name: 'Run', exact: true }).click()
  await page.getByText('kept alone').waitFor()
  await page.getByRole('button', { name: 'Run all rows' }).click()
  await page.getByText('kept second').waitFor()
  await page.getByLabel(/^Grade of .*, row 2$/).selectOption('3')
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()
  await page.goBack()
  await page.getByText('kept second').waitFor()
  const grade = await page.getByLabel(/^Grade of .*, row 2$/).inputValue()
  const isAnswerShown = await page.getByText('kept alone').isVisible()
  const runAgain = await page.getByRole('button', { name: 'Run all rows' }).innerText()
  await page.getByRole('button', { name: 'Example', exact: true }).click()
  await page.getByText('kept alone').waitFor({ state: 'detached' })

  expect(grade).toBe('3')
  expect(runAgain).toBe('Run all rows and clear a grade')
  expect(isAnswerShown).toBe(true)
})

test('at most four rows run at once, and Stop ends them', async () => {
  playground.emulator.use({ when: { last_user: 'slow' }, fault: { first_byte_ms: 60_000 } })
  const page = await playground.open()
  await page.getByRole('textbox', { name: 'User message 1' }).fill('slow {{n}}')
  await page.getByText('Test rows').first().click()
  const csv = Buffer.from(`n\n${Array.from({ length: 9 }, (_, n) => n).join('\n')}\n`)
  await page.getByLabel('Import CSV').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: csv })
  await page.getByRole('button', { name: 'Run all rows' }).click()
  await expect.poll(() => page.getByText('running …').count()).toBe(4)
  await page.getByRole('button', { name: 'Stop the rows' }).click()
  await page.getByRole('button', { name: 'Run all rows' }).waitFor()
  expect(await page.getByText('stopped', { exact: true }).count()).toBe(4)
})

test('the rows stop when their page is left, because nobody could stop them later', async () => {
  playground.emulator.use({ when: { last_user: 'left' }, fault: { first_byte_ms: 60_000 } })
  const page = await playground.open()
  await page.getByRole('textbox', { name: 'User message 1' }).fill('left {{n}}')
  await page.getByText('Test rows').first().click()
  const csv = Buffer.from(`n\n${Array.from({ length: 9 }, (_, n) => n).join('\n')}\n`)
  await page.getByLabel('Import CSV').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: csv })
  const ended: string[] = []
  page.on('requestfailed', (request) => ended.push(new URL(request.url()).pathname))
  await page.getByRole('button', { name: 'Run all rows' }).click()
  await expect.poll(() => page.getByText('running …').count()).toBe(4)
  await page.getByRole('link', { name: 'Models', exact: true }).click()
  await page.getByRole('heading', { name: 'Models', exact: true }).waitFor()

  await expect.poll(() => ended.filter((path) => path === '/v1/messages').length).toBe(4)
})

test('a file without a column of the prompt adds no row, and rows that find no place are counted', async () => {
  const page = await playground.open()
  await page.getByRole('textbox', { name: 'User message 1' }).fill('Hello {{name}}')
  await page.getByText('Test rows').first().click()
  const importText = (text: string) =>
    page
      .getByLabel('Import CSV')
      .setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
  await importText('city,street\nBern,Main\n')
  await page.getByText('No column of the file has the name of a variable').waitFor()
  const added = await page.getByLabel(/^name, row/).count()
  await importText(`city;name\n${'Bern;Ann\n'.repeat(503)}`)
  await page.getByText('The last 3 rows of the file are left out').waitFor()
  const first = await page.getByLabel('name, row 1', { exact: true }).inputValue()

  expect(added).toBe(0)
  expect(first).toBe('Ann')
})

test.each([',', ';', '\t'])('a file whose cells are separated by %j is read', (separator) => {
  const lines = [
    ['\uFEFFa', ' b '],
    ['"x,;\t""y"""', ''],
    ['1', '"two\r\nlines"'],
  ]
  const rows = readRows(lines.map((cells) => cells.join(separator)).join('\r\n'), ['a', 'b'])

  expect(rows?.map(({ values }) => values)).toEqual([
    { a: 'x,;\t"y"', b: '' },
    { a: '1', b: 'two\r\nlines' },
  ])
})

test('what is printed as CSV is read again, whatever the values are', () => {
  const value = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('=1+1', '"', ',', '\r\n', "'", '-5', '@x'),
  )
  fc.assert(
    fc.property(fc.array(fc.tuple(value, fc.constant('x')), { minLength: 1 }), (rows) => {
      const read = readRows(printCsv([['a', 'b'], ...rows]), ['a', 'b'])
      // A text that begins with a quote and a formula loses the quote, as in a spreadsheet.
      const expected = rows.map(([a]) => (/^'[=+\-@\t\r]/.test(a) ? a.slice(1) : a))
      expect(read?.map(({ values }) => values['a'])).toEqual(expected)
    }),
  )
})
