import { imageRules, limitOn, valueOn } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import type { DocumentBlockParam, ImageBlockParam } from '@anthology/wire'

import { decodeLatin1 } from '../../media/base64.ts'
import { readBase64ImageSize } from '../../media/image-size.ts'
import { countPdfPages } from '../../media/pdf-pages.ts'
import type { ApiError } from '../../http/reply.ts'
import type { PlacedBlock } from './content.ts'

/** What an image or PDF turns out to be; tests hand in their own. */
export interface MediaReader {
  readonly imageSize: (data: string) => Size | null
  readonly pdfPages: (data: string) => number | null
}

interface Size {
  readonly mediaType: string
  readonly width: number
  readonly height: number
}

export const mediaReader: MediaReader = {
  imageSize: readBase64ImageSize,
  pdfPages: (data) => {
    const latin1 = decodeLatin1(data)
    return latin1 === null ? null : countPdfPages(latin1)
  },
}

/**
 * The limits on images and PDFs (docs.claude.com, build-with-claude/vision and pdf-support, Nov 2025,
 * and the pages of August 2026; texts from public issue reports). How many there may be is the
 * catalog's rule. What a URL leads to is not looked at: nothing is fetched.
 */
export function findMediaError(
  blocks: readonly PlacedBlock[],
  model: Model,
  day: string,
  reader: MediaReader = mediaReader,
): ApiError | null {
  const images = blocks.flatMap(({ block, path }) => (block.type === 'image' ? { block, path } : []))
  const documents = blocks.flatMap(({ block, path }) => (block.type === 'document' ? { block, path } : []))
  const maxSidePx = images.length > manyImages ? maxSideOfManyPx : maxSideOfFewPx
  for (const { block, path } of images) {
    const error = findImageError(block, path, { day, maxSidePx, reader, fit: getFit(model, day) })
    if (error) return error
  }
  return findPdfError(documents, getMaxPdfPages(model, day), reader)
}

/** With more images than these in a request each has to be smaller. */
const manyImages = 20
const maxSideOfManyPx = 2_000
const maxSideOfFewPx = 8_000

/** The day is not known; the page of August 2026 has the later rules. */
const laterRulesFrom = '2026-08-01'
const maxImage = {
  earlier: { bytes: 5 * 1024 * 1024, name: '5 MB' },
  later: { bytes: 10 * 1024 * 1024, name: '10 MB' },
} as const

interface ImageLimits {
  readonly day: string
  readonly maxSidePx: number
  readonly reader: MediaReader
  readonly fit: Fit
}

/** How large an image may be before it is scaled down for the model. */
interface Fit {
  readonly longEdgePx: number
}

function getFit({ imageDetail }: Model, day: string): Fit {
  const rule = valueOn(imageRules, day) ?? imageRules[0]
  return rule?.fit[imageDetail] ?? { longEdgePx: Infinity }
}

function findImageError(
  { source, transformations }: ImageBlockParam,
  path: string,
  { day, maxSidePx, reader, fit }: ImageLimits,
): ApiError | null {
  if (source.type !== 'base64') return null
  const isLater = day >= laterRulesFrom
  const largest = isLater ? maxImage.later : maxImage.earlier
  const at = `${path}.source.base64`
  // The base64 text is what is measured, not what it stands for.
  if (source.data.length > largest.bytes) {
    const sizes = `${source.data.length} bytes > ${largest.bytes} bytes`
    return reject(`${at}: image exceeds ${largest.name} maximum: ${sizes}`)
  }
  const size = reader.imageSize(source.data)
  if (!size) return reject('Could not process image')
  if (size.mediaType !== source.media_type)
    return reject(
      isLater
        ? `${at}: The image was specified using the ${source.media_type} media type, but the image appears to be a ${size.mediaType} image`
        : `${at}.data: Image does not match the provided media type ${source.media_type}`,
    )
  const longest = Math.max(size.width, size.height)
  if (transformations?.oversized_image === 'error' && longest > fit.longEdgePx)
    return reject(describeOversize(at, size, fit))
  if (longest <= maxSidePx) return null
  const requests = maxSidePx === maxSideOfManyPx ? ' for many-image requests' : ''
  const message = `${at}.data: At least one of the image dimensions exceed max allowed size${requests}: ${maxSidePx} pixels`
  return { ...reject(message), ...(isLater && { errorCode: 'image_dimensions_too_large' }) }
}

/** For a client that wants to scale its images itself (types of SDK 1.12, 2026; text inferred). */
function describeOversize(at: string, { width, height }: Size, { longEdgePx }: Fit): string {
  const scale = longEdgePx / Math.max(width, height)
  const [across, down] = [width, height].map((side) => Math.max(1, Math.floor(side * scale)))
  return `${at}.data: image of ${width}x${height} pixels is larger than the model takes; the largest that fits is ${across}x${down}`
}

interface PlacedDocument {
  readonly block: DocumentBlockParam
  readonly path: string
}

function findPdfError(
  documents: readonly PlacedDocument[],
  maxPages: number,
  reader: MediaReader,
): ApiError | null {
  let pages = 0
  for (const { block, path } of documents) {
    if (block.source.type !== 'base64') continue
    const count = reader.pdfPages(block.source.data)
    if (count === null) {
      const place = path.replace(/document$/, 'pdf')
      return reject(`${place}.source.base64.data: The PDF specified was not valid.`)
    }
    pages += count
  }
  return pages > maxPages ? reject(`A maximum of ${maxPages} PDF pages may be provided.`) : null
}

/** 600 on models with a window of a million tokens, since March 2026. */
function getMaxPdfPages(model: Model, day: string): number {
  const { tokens } = limitOn(model.contextWindow, day)
  return tokens >= 1_000_000 && day >= '2026-03-01' ? 600 : 100
}

function reject(message: string): ApiError {
  return { status: 400, message }
}
