import { describe, expect, test } from 'vitest'
import type { Finding, MediaReader, Model } from '../../../src/index.ts'
import { check, readFacts } from '../../../src/index.ts'
import { modelNamed } from '../../request.ts'

const [opus41, opus46] = [modelNamed('claude-opus-4-1'), modelNamed('claude-opus-4-6')]

/** Parses the test data, which contains a type and a size, or the number of pages. */
const reader: MediaReader = {
  readImageSize: (data) => {
    const [mediaType = '', width, height] = data.split(' ')
    return width === undefined ? null : { mediaType, width: Number(width), height: Number(height) }
  },
  countPdfPages: (data) => (data === '' ? null : Number(data)),
}

describe('the bytes of an image', () => {
  test.each<[string, number, string | null]>([
    ['2025-11-01', 5_242_880, null],
    ['2025-11-01', 5_242_881, 'image exceeds 5 MB maximum: 5242881 bytes > 5242880 bytes'],
    ['2026-08-01', 5_242_881, null],
    ['2026-08-01', 10_485_761, 'image exceeds 10 MB maximum: 10485761 bytes > 10485760 bytes'],
  ])('on %s, %d', (day, bytes, text) => {
    const content = [image('image/png 10 10'.padEnd(bytes))]

    expect(getMessage(content, opus41, day)).toBe(text && `messages.0.content.0.image.source.base64: ${text}`)
  })
})

describe('the dimensions of an image', () => {
  const at = 'messages.0.content.0.image.source.base64.data'
  const few = `${at}: At least one of the image dimensions exceed max allowed size: 8000 pixels`
  const many = `${at}: At least one of the image dimensions exceed max allowed size for many-image requests: 2000 pixels`

  test.each<[number, number, string | null]>([
    [8_000, 1, null],
    [8_001, 1, few],
    [8_000, 20, null],
    [2_001, 21, many],
    [2_000, 21, null],
  ])('of %d pixels, with %d images', (side, count, text) => {
    const others = Array.from({ length: count - 1 }, () => image('image/png 10 10'))

    for (const data of [`image/png ${side} 10`, `image/png 10 ${side}`])
      expect(getMessage([image(data), ...others], opus41, '2025-11-01')).toBe(text)
  })

  test('have an error code since 2026', () => {
    expect(findError([image('image/png 8001 1')], opus41, '2026-11-22')).toMatchObject({
      status: 400,
      message: few,
      errorCode: 'image_dimensions_too_large',
    })
    expect(findError([image('image/png 8001 1')], opus41, '2025-11-01')).not.toHaveProperty('errorCode')
  })

  test('are checked in tool results and in documents', () => {
    const large = image('image/png 8001 1')
    const result = { type: 'tool_result', tool_use_id: 'a', content: [large] }
    const document = { type: 'document', source: { type: 'content', content: [large] } }

    expect(getMessage([result], opus41, '2025-11-01')).toMatch(
      /^messages\.0\.content\.0\.tool_result\.content\.0\.image\.source\.base64\.data: At least one/,
    )
    expect(getMessage([document], opus41, '2025-11-01')).toMatch(
      /^messages\.0\.content\.0\.document\.source\./,
    )
  })
})

describe('the declared type of an image', () => {
  test('is checked against data that is not an image', () => {
    expect(getMessage([image('x')], opus41, '2025-11-01')).toBe('Could not process image')
  })

  test.each([
    [
      '2025-11-01',
      'messages.0.content.0.image.source.base64.data: Image does not match the provided media type image/png',
    ],
    [
      '2026-11-22',
      'messages.0.content.0.image.source.base64: The image was specified using the image/png media type, but the image appears to be a image/jpeg image',
    ],
  ])('is checked against data of another type, on %s', (day, text) => {
    expect(getMessage([image('image/jpeg 10 10')], opus41, day)).toBe(text)
  })

  test('is not checked without a reader', () => {
    const facts = readFacts(createBody([image('AA==')]))

    expect(check(facts, opus41, { asOf: '2025-11-01' })).toEqual([])
  })

  test('is not checked for an image behind a URL', () => {
    const source = { type: 'url', url: 'https://example.com/a.png' } as const

    expect(findError([{ type: 'image', source }], opus41, '2025-11-01')).toBeNull()
  })
})

describe('an image that must not be scaled down', () => {
  const strictly = (data: string) => ({
    ...image(data),
    transformations: { oversized_image: 'error' },
  })

  test('is rejected with the size that fits', () => {
    expect(getMessage([strictly('image/png 3136 100')], opus41, '2026-11-22')).toBe(
      'messages.0.content.0.image.source.base64.data: image of 3136x100 pixels is larger than the model takes; the largest that fits is 1568x50',
    )
  })

  test('is accepted if it fits or may be scaled', () => {
    expect(getMessage([strictly('image/png 1568 100')], opus41, '2026-11-22')).toBeNull()
    expect(getMessage([image('image/png 3136 100')], opus41, '2026-11-22')).toBeNull()
  })
})

describe('the pages of PDFs', () => {
  test.each<[string, Model, string, readonly string[], string | null]>([
    ['a hundred', opus41, '2025-11-01', ['100'], null],
    ['one more', opus41, '2025-11-01', ['101'], 'A maximum of 100 PDF pages may be provided.'],
    ['one more over two', opus41, '2025-11-01', ['50', '51'], 'A maximum of 100 PDF pages may be provided.'],
    ['six hundred in a large window', opus46, '2026-11-22', ['600'], null],
    ['one more in it', opus46, '2026-11-22', ['601'], 'A maximum of 600 PDF pages may be provided.'],
    [
      'none, for it is no PDF',
      opus41,
      '2025-11-01',
      [''],
      'messages.0.content.0.pdf.source.base64.data: The PDF specified was not valid.',
    ],
  ])('%s', (...[, model, day, pages, text]) => {
    expect(getMessage(pages.map(pdf), model, day)).toBe(text)
  })
})

/** Dates are enforced, so a retired model has the limits of the day too. */
function findError(content: readonly object[], model: Model, day: string): Finding | null {
  const facts = readFacts(createBody(content), {}, { media: reader })
  const findings = check(facts, model, { asOf: day, lifecycle: 'warn' })
  return findings.find(({ severity }) => severity === 'error') ?? null
}

function createBody(content: readonly object[]): object {
  return { messages: [{ role: 'user', content }] }
}

function getMessage(content: readonly object[], model: Model, day: string): string | null {
  return findError(content, model, day)?.message ?? null
}

function image(data: string): object {
  return { type: 'image', source: { type: 'base64', media_type: 'image/png', data } }
}

function pdf(data: string): object {
  return { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data } }
}
