/**
 * Estimates the input tokens from the body's bytes, without parsing it. An image
 * counts a fixed number of tokens instead of its base64, a PDF a share of it. The
 * result need not be exact: `RateBucket` learns its average error.
 */
export function estimateInputTokens(body: Uint8Array, imageDetail: 'standard' | 'high'): number {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  let mediaBytes = 0
  let mediaTokens = 0
  if (bytes.length > minMediaBytes) {
    for (const { length, isPdf } of findMedia(bytes)) {
      mediaBytes += length
      mediaTokens += isPdf ? length / bytesPerPdfToken : Math.min(imageTokens[imageDetail], length)
    }
  }
  return Math.ceil((bytes.length - mediaBytes) / bytesPerToken + mediaTokens)
}

/** The bytes of base64 data in a body, and whether one of them is a PDF. */
export function measureMedia(bytes: Buffer): { readonly bytes: number; readonly hasPdf: boolean } {
  let [sum, hasPdf] = [0, false]
  if (bytes.length > minMediaBytes)
    for (const { length, isPdf } of findMedia(bytes)) {
      sum += length
      hasPdf ||= isPdf
    }
  return { bytes: sum, hasPdf }
}

interface Media {
  readonly length: number
  readonly isPdf: boolean
}

/** Finds base64 strings in members named `data`, which every image and document source has. */
function* findMedia(bytes: Buffer): Generator<Media> {
  let at = bytes.indexOf(dataMember)
  while (at !== -1) {
    let start = at + dataMember.length
    while (isBlank(bytes[start])) start += 1
    if (bytes[start] === colon) start += 1
    while (isBlank(bytes[start])) start += 1
    if (bytes[start] === quote) {
      start += 1
      const head = bytes.toString('latin1', start, start + headLength)
      // Base64 contains neither quotes nor escapes, so it ends at the next quote.
      const end = bytes.indexOf(quote, start)
      if (end - start >= minMediaBytes && base64Head.test(head)) {
        yield { length: end - start, isPdf: head.startsWith(pdfHead) }
        start = end
      }
    }
    at = bytes.indexOf(dataMember, start)
  }
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

/** English text and code have three to four bytes per token, most other scripts about three; inferred. */
const bytesPerToken = 3

/** A PDF page has 1,500 to 3,000 tokens of text, plus its image (Vision and PDF pages); 60 KB per page is inferred. */
const bytesPerPdfToken = 20

/** Maximum tokens of one image (Vision page, November 2025 and August 2026). */
const imageTokens = { standard: 1_640, high: 4_784 } as const

const minMediaBytes = 1_024
const dataMember = Buffer.from('"data"')
const headLength = 64
const base64Head = /^[A-Za-z0-9+/=]+$/
/** `%PDF-` in base64. */
const pdfHead = 'JVBERi0'
const colon = 0x3a
const quote = 0x22
