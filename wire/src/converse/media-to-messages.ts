import type { JsonObject } from '../body/json-value.ts'
import { decodeBase64Text } from '../aws/base64.ts'
import { constraint, inferredTexts, observedTexts } from './problem.ts'
import type { BodyPath } from './problem.ts'
import type { ConverseDocument, ConverseImage, ConverseSearchResult } from './request.ts'
import { notice, fail } from './translation.ts'
import type { Translation } from './translation.ts'

export function imageToMessages(
  translation: Translation,
  { format, source }: ConverseImage,
  path: BodyPath,
): JsonObject | null {
  if (source.bytes === undefined)
    return fail(translation, observedTexts.unsupported([...path, 'source', 's3Location']))
  return {
    type: 'image',
    source: { type: 'base64', media_type: `image/${format}`, data: source.bytes },
  }
}

/**
 * The bytes of a PDF are copied. Other text formats become a plain text document. Binary formats are
 * rejected, because no Claude model accepts them and converting them to text would be guesswork.
 */
export function documentToMessages(
  translation: Translation,
  document: ConverseDocument,
  path: BodyPath,
): JsonObject | null {
  const { name, context, citations } = document
  if (!/^[A-Za-z0-9_\s\-()[\]]+$/.test(name) || /\s\s/.test(name))
    return fail(translation, observedTexts.documentName())
  if (translation.documentNames.has(name)) return fail(translation, observedTexts.sameDocumentName())
  translation.documentNames.add(name)
  const source = documentSource(translation, document, path)
  if (!source) return null
  return {
    type: 'document',
    source,
    title: name,
    ...(context !== undefined && { context }),
    ...(citations && { citations }),
  }
}

function documentSource(
  translation: Translation,
  { format, source, citations }: ConverseDocument,
  path: BodyPath,
): JsonObject | null {
  if (source.s3Location)
    return fail(translation, observedTexts.unsupported([...path, 'source', 's3Location']))
  if (source.content)
    return { type: 'content', content: source.content.map(({ text }) => ({ type: 'text', text })) }
  if (source.text !== undefined) {
    // Observed on Bedrock: "must set one of the following keys: bytes, s3Location".
    if (citations?.enabled !== true)
      notice(translation, 'Bedrock takes the text of a document only with citations enabled')
    return { type: 'text', media_type: 'text/plain', data: source.text }
  }
  if (format === undefined) {
    translation.problem ??= constraint([...path, 'format'], 'Member must not be null')
    return null
  }
  const bytes = source.bytes ?? ''
  if (format === 'pdf') return { type: 'base64', media_type: 'application/pdf', data: bytes }
  if (!textFormats.has(format))
    return fail(translation, inferredTexts.documentFormat([...path, 'format'], format))
  if ((bytes.length / 4) * 3 > maxDocumentBytes)
    notice(translation, 'Bedrock takes at most 4.5 MB of a document that is not a PDF')
  const data = decodeBase64Text(bytes)
  if (data === null) return fail(translation, inferredTexts.notText([...path, 'source', 'bytes']))
  return { type: 'text', media_type: 'text/plain', data }
}

/** "API restrictions" of the Amazon Bedrock guide (2026); a PDF has no such limit for Claude 4 and later. */
const maxDocumentBytes = 4.5 * 1_024 * 1_024

const textFormats: ReadonlySet<string> = new Set(['txt', 'md', 'html', 'csv'])

export function searchResultToMessages({
  source,
  title,
  content,
  citations,
}: ConverseSearchResult): JsonObject {
  return {
    type: 'search_result',
    source,
    title,
    content: content.map(({ text }) => ({ type: 'text', text })),
    ...(citations && { citations }),
  }
}
