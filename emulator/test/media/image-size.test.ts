import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readImageSize, readBase64ImageSize } from '../../src/media/image-size.ts'
import { getBase64, gif, jpeg, png, webpExtended, webpLossless, webpLossy } from './images.ts'

describe('the size of an image is in its first bytes', () => {
  test.each([
    ['image/png', png(640, 480)],
    ['image/gif', gif(640, 480)],
    ['image/jpeg', jpeg(640, 480)],
    ['image/webp', webpLossy(640, 480)],
    ['image/webp', webpLossless(640, 480)],
    ['image/webp', webpExtended(640, 480)],
  ])('%s', (mediaType, bytes) => {
    expect(readImageSize(bytes)).toEqual({ mediaType, width: 640, height: 480 })
  })

  test('a real PNG of one pixel', () => {
    const data =
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

    expect(readBase64ImageSize(data)).toEqual({ mediaType: 'image/png', width: 1, height: 1 })
  })

  test('a JPEG with a long profile before its frame is decoded as far as needed', () => {
    expect(readBase64ImageSize(getBase64(jpeg(3_000, 2_000, 60_000)))).toEqual({
      mediaType: 'image/jpeg',
      width: 3_000,
      height: 2_000,
    })
  })
})

test('base64 with line breaks is read', () => {
  const lines = getBase64(jpeg(3_000, 2_000, 60_000)).replaceAll(/(.{76})/g, '$1\n')

  expect(readBase64ImageSize(lines)).toMatchObject({ width: 3_000, height: 2_000 })
})

test('bytes that are not an image, truncated or empty have no size', () => {
  expect(readBase64ImageSize('not base64!')).toBe(null)
  expect(readBase64ImageSize('')).toBe(null)
  expect(readImageSize(new TextEncoder().encode('<svg width="1" height="1"/>'))).toBe(null)
  expect(readImageSize(png(0, 10))).toBe(null)
  expect(readImageSize(png(10, 10).subarray(0, 20))).toBe(null)
  expect(readImageSize(jpeg(10, 10).subarray(0, 12))).toBe(null)
})

test('any bytes are read without a crash', () => {
  const heads = [png(1, 1), gif(1, 1), jpeg(1, 1), webpLossy(1, 1)].map((bytes) => bytes.subarray(0, 16))

  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 100 }), (head, noise) => {
      const size = readImageSize(new Uint8Array([...head, ...noise]))
      if (size) expect(Math.min(size.width, size.height)).toBeGreaterThan(0)
    }),
  )
})
