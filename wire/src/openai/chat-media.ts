import { decodeBase64Text } from '../aws/base64.ts'
import { isRecord } from '../body/json-value.ts'
import type { ChatFile } from './chat-request.ts'
import type { JsonBody } from './translation.ts'

/** An image, or a document that a client sends as one. */
export function imageBlock(url: string): JsonBody {
  const data = parseDataUrl(url)
  if (data === null) return { type: 'image', source: { type: 'url', url } }
  return documentBlock(data) ?? { type: 'image', source: base64Source(data) }
}

/** A PDF or a text; null for a file of any other type, which no model reads. */
export function fileBlock(file: ChatFile): JsonBody | null {
  const title = file.filename ? { title: file.filename.slice(0, maxTitleLength) } : {}
  if (file.file_data) {
    const data = parseDataUrl(file.file_data) ?? {
      mediaType: guessMediaType(file),
      base64: file.file_data,
    }
    if (data.mediaType.startsWith('image/')) return { type: 'image', source: base64Source(data) }
    const document = documentBlock(data)
    return document && { ...document, ...title }
  }
  if (!file.file_id) return null
  return { type: 'document', source: { type: 'file', file_id: file.file_id }, ...title }
}

/** A block of the Messages API, with the name of its image type corrected. */
export function correctMediaType(block: JsonBody): JsonBody {
  const { source } = block
  if (!isRecord(source) || typeof source['media_type'] !== 'string') return block
  return { ...block, source: { ...source, media_type: nameMediaType(source['media_type']) } }
}

interface MediaData {
  readonly mediaType: string
  readonly base64: string
}

/** Schemes and media types are written in any case, and may have parameters (RFC 2397). */
function parseDataUrl(url: string): MediaData | null {
  const comma = url.indexOf(',')
  if (comma < 0 || comma > maxDataHead) return null
  const [, mediaType, parameters = ''] = /^data:([^;,]*)(.*)$/is.exec(url.slice(0, comma)) ?? []
  if (mediaType === undefined || !/;\s*base64\s*$/i.test(parameters)) return null
  return { mediaType: nameMediaType(mediaType), base64: url.slice(comma + 1) }
}

/** The maximum length of a data URL before its data. */
const maxDataHead = 1_000
/** The API's maximum. */
const maxTitleLength = 500

/** The registered name; clients also write an older or a wrong one. */
function nameMediaType(given: string): string {
  const name = given.trim().toLowerCase()
  return otherNames[name] ?? name
}

const otherNames: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'application/x-pdf': 'application/pdf',
}

function guessMediaType({ file_data: data, filename }: ChatFile): string {
  if (data?.startsWith(pdfStart)) return 'application/pdf'
  return textName.test(filename ?? '') ? 'text/plain' : ''
}

/** `%PDF-` in base64. */
const pdfStart = 'JVBERi0'
const textName = /\.(?:txt|md|markdown|csv|tsv|json|jsonl|xml|html?|ya?ml|log)$/i

function documentBlock({ mediaType, base64 }: MediaData): JsonBody | null {
  if (mediaType === 'application/pdf')
    return { type: 'document', source: { type: 'base64', media_type: mediaType, data: base64 } }
  const text = textType.test(mediaType) ? decodeBase64Text(base64) : null
  return text === null || text.trim() === ''
    ? null
    : { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text } }
}

const textType = /^text\/|^application\/(?:[\w.-]+\+)?(?:json|xml|yaml)$/

function base64Source({ mediaType, base64 }: MediaData): JsonBody {
  return { type: 'base64', media_type: mediaType, data: base64 }
}
