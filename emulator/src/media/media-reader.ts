import type { MediaReader } from '@anthology/catalog'

import { decodeLatin1 } from './base64.ts'
import { readBase64ImageSize } from './image-size.ts'
import { countPdfPages } from './pdf-pages.ts'

/** Reads the images and PDFs of a request for the catalog's rules. */
export const mediaReader: MediaReader = {
  readImageSize: readBase64ImageSize,
  countPdfPages: (data) => {
    const latin1 = decodeLatin1(data)
    return latin1 === null ? null : countPdfPages(latin1)
  },
}
