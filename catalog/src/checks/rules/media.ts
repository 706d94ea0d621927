import type { ImageFact, ImageSize } from '../request-facts.ts'
import { imageRules } from '../../tokens/image-tokens.ts'
import { limitOn } from '../../tokens/limit.ts'
import type { Model } from '../../model.ts'
import type { Rule } from '../rule.ts'
import { valueOn } from '../../effective-dated.ts'

/**
 * Limits on images and PDFs whose data is in the request. `limits.ts` limits the number of images and
 * documents. Images and PDFs behind a URL are not fetched, so they are not checked.
 */
export const mediaRules: readonly Rule[] = [
  {
    code: 'image_too_large',
    path: 'messages',
    source: 'Vision, November 2025: 5 MB, and August 2026: 10 MB; text from public issue reports',
    hint: 'Scale the image down, or compress it: the limit applies to the base64 text.',
    test: ({ images = [] }, _model, { day }) => {
      const { bytes, name } = day >= laterRulesFrom ? maxImage.later : maxImage.earlier
      const image = images.find(({ data_length }) => data_length > bytes)
      if (image === undefined) return null
      return `${namePlace(image)}: image exceeds ${name} maximum: ${image.data_length} bytes > ${bytes} bytes`
    },
  },
  {
    code: 'image_unreadable',
    path: 'messages',
    source: 'Vision, November 2025; text from public issue reports',
    hint: 'Send a JPEG, PNG, GIF or WebP file as base64.',
    test: ({ images = [] }) => (images.some(({ size }) => size === null) ? 'Could not process image' : null),
  },
  {
    code: 'image_type_mismatch',
    path: 'messages',
    source: 'Vision, November 2025 and August 2026; texts from public issue reports',
    hint: 'Set media_type to the format of the image data.',
    test: ({ images = [] }, _model, { day }) => {
      const image = images.find(({ size, media_type }) => size && size.mediaType !== media_type)
      if (image === undefined) return null
      return day >= laterRulesFrom
        ? `${namePlace(image)}: The image was specified using the ${image.media_type} media type, but the image appears to be a ${image.size?.mediaType} image`
        : `${namePlace(image)}.data: Image does not match the provided media type ${image.media_type}`
    },
  },
  {
    code: 'image_not_to_be_scaled',
    path: 'messages',
    source: 'Types of SDK 1.12, 2026; text inferred',
    hint: 'Scale the image to the size in the message, or let the API scale it.',
    test: ({ images = [] }, model, { day }) => {
      const longEdgePx = findLongestFit(model, day)
      for (const image of images) {
        const { size, unscaled } = image
        if (size && unscaled && measureLongestSide(size) > longEdgePx)
          return describeOversize(image, size, longEdgePx)
      }
      return null
    },
  },
  {
    code: 'image_sides_too_long',
    path: 'messages',
    source: 'Vision, November 2025 and August 2026; text from public issue reports',
    hint: 'Scale the image down.',
    errorCode: { name: 'image_dimensions_too_large', since: '2026-08-01' },
    test: ({ images = [], image_count = images.length }) => {
      const isMany = image_count > manyImages
      const maxSidePx = isMany ? maxSideOfManyPx : maxSideOfFewPx
      const image = images.find(({ size }) => size && measureLongestSide(size) > maxSidePx)
      if (image === undefined) return null
      const requests = isMany ? ' for many-image requests' : ''
      return `${namePlace(image)}.data: At least one of the image dimensions exceed max allowed size${requests}: ${maxSidePx} pixels`
    },
  },
  {
    code: 'pdf_invalid',
    path: 'messages',
    source: 'PDF support, November 2025; text from public issue reports',
    hint: 'Send the whole file as base64.',
    test: ({ pdfs = [] }) => {
      const pdf = pdfs.find(({ pages }) => pages === null)
      return pdf === undefined ? null : `${pdf.path}.source.base64.data: The PDF specified was not valid.`
    },
  },
  {
    code: 'pdf_pages',
    path: 'messages',
    source: 'PDF support, November 2025, and release notes of March 2026; text from public issue reports',
    hint: 'Send fewer pages in one request.',
    test: ({ pdfs = [] }, model, { day }) => {
      const maxPages = findMaxPdfPages(model, day)
      const pages = pdfs.reduce((sum, pdf) => sum + (pdf.pages ?? 0), 0)
      return pages > maxPages ? `A maximum of ${maxPages} PDF pages may be provided.` : null
    },
  },
]

/** The exact day is not known; the page of August 2026 has the later rules. */
const laterRulesFrom = '2026-08-01'
const maxImage = {
  earlier: { bytes: 5 * 1024 * 1024, name: '5 MB' },
  later: { bytes: 10 * 1024 * 1024, name: '10 MB' },
} as const

/** A request with more images than this has a lower limit on the size of each. */
const manyImages = 20
const maxSideOfManyPx = 2_000
const maxSideOfFewPx = 8_000

function namePlace({ path }: ImageFact): string {
  return `${path}.source.base64`
}

function measureLongestSide({ width, height }: ImageSize): number {
  return Math.max(width, height)
}

/** The long edge of the largest image that the model accepts without scaling. */
function findLongestFit({ imageDetail }: Model, day: string): number {
  const rule = valueOn(imageRules, day) ?? imageRules[0]
  return rule?.fit[imageDetail].longEdgePx ?? Infinity
}

/** The size that fits is in the text, for clients that scale their images themselves. */
function describeOversize(image: ImageFact, size: ImageSize, longEdgePx: number): string {
  const scale = longEdgePx / measureLongestSide(size)
  const [across, down] = [size.width, size.height].map((side) => Math.max(1, Math.floor(side * scale)))
  return `${namePlace(image)}.data: image of ${size.width}x${size.height} pixels is larger than the model takes; the largest that fits is ${across}x${down}`
}

/** 600 for models with a window of a million tokens, since March 2026. */
function findMaxPdfPages(model: Model, day: string): number {
  const { tokens } = limitOn(model.contextWindow, day)
  return tokens >= 1_000_000 && day >= '2026-03-01' ? 600 : 100
}
