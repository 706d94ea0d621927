import { expect, test } from 'vitest'

import { estimateInputTokens } from '../../src/rates/input-estimate.ts'

const png = Buffer.alloc(3_000_000, 7).toString('base64')

test('estimates a token per three bytes', () => {
  expect(estimate('x'.repeat(30_000))).toBe(10_000)
  expect(estimate('')).toBe(0)
})

test.each(['{"type":"base64","media_type":"image/png","data":"', '{"data" :\n "'])(
  'counts an image after %j as an image instead of its base64',
  (start) => {
    const body = `${start}${png}"}`

    expect(estimate(body)).toBe(Math.ceil((start.length + 2) / 3 + 1_640))
    expect(estimate(body, 'high')).toBe(Math.ceil((start.length + 2) / 3 + 4_784))
  },
)

test('counts every image, a small one at most by its bytes', () => {
  const image = (data: string) => `{"data":"${data}"}`
  const body = [image(png), image(png), image('A'.repeat(1_200))].join(',')

  expect(estimate(body)).toBe(Math.ceil((3 * image('').length + 2) / 3 + 2 * 1_640 + 1_200))
})

test('counts a document as a share of its bytes', () => {
  const pdf = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(600_000)]).toString('base64')

  expect(estimate(`{"data":"${pdf}"}`)).toBeCloseTo(pdf.length / 20, -2)
})

test.each([
  ['text in a member of that name', `{"data":"${'some words '.repeat(1_000)}"}`],
  ['base64 in another member', `{"text":"${'QUJD'.repeat(3_000)}"}`],
  ['data that is no string', `{"data":${'1'.repeat(12_000)}}`],
  ['data without an end', `{"data":"${'QUJD'.repeat(3_000)}`],
])('counts %s like any other bytes', (_, body) => {
  expect(estimate(body)).toBe(Math.ceil(body.length / 3))
})

function estimate(body: string, detail: 'standard' | 'high' = 'standard'): number {
  return estimateInputTokens(Buffer.from(body), detail)
}
