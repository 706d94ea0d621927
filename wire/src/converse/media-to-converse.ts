import type {
  DocumentBlockParam,
  ImageBlockParam,
  SearchResultBlockParam,
} from '../messages/content-block.ts'
import { encodeBase64Text } from '../aws/base64.ts'
import type { ConverseDocument, ConverseImage, ConverseSearchResult } from './request.ts'
import { hasNoCounterpart, failAt, takeOnly } from './rewriting.ts'
import type { Rewriting } from './rewriting.ts'

export function imageToConverse(
  rewriting: Rewriting,
  image: ImageBlockParam,
  path: string,
): ConverseImage | null {
  takeOnly(rewriting, image, path, ['source', 'cache_control'])
  const { source } = image
  if (source.type !== 'base64') return failAt(rewriting, `${path}.source`, hasNoCounterpart)
  return { format: source.media_type.replace('image/', ''), source: { bytes: source.data } }
}

export function documentToConverse(
  rewriting: Rewriting,
  document: DocumentBlockParam,
  path: string,
): ConverseDocument | null {
  takeOnly(rewriting, document, path, ['source', 'title', 'context', 'citations', 'cache_control'])
  const body = documentBody(rewriting, document, `${path}.source`)
  if (!body) return null
  const { context, citations } = document
  return {
    ...body,
    name: documentName(rewriting, document.title ?? null, path),
    ...(typeof context === 'string' && { context }),
    ...(citations && { citations: { enabled: citations.enabled ?? false } }),
  }
}

/** Bedrock requires document names of a restricted alphabet, unique within the call. */
function documentName(rewriting: Rewriting, title: string | null, path: string): string {
  const names = rewriting.documentNames
  const fits =
    title !== null &&
    title.length <= 200 &&
    /^[A-Za-z0-9_\s\-()[\]]+$/.test(title) &&
    !/\s\s/.test(title) &&
    !names.has(title)
  if (title !== null && !fits)
    rewriting.notices.push(`${path}.title is not a name that Converse takes; another stands for it`)
  let name = title ?? ''
  if (!fits) {
    do {
      rewriting.documents += 1
      name = `document-${rewriting.documents}`
    } while (names.has(name))
  }
  names.add(name)
  return name
}

function documentBody(
  rewriting: Rewriting,
  { source }: DocumentBlockParam,
  path: string,
): Pick<ConverseDocument, 'format' | 'source'> | null {
  switch (source.type) {
    case 'base64':
      return { format: 'pdf', source: { bytes: source.data } }
    case 'text':
      return { format: 'txt', source: { bytes: encodeBase64Text(source.data) } }
    case 'content': {
      if (typeof source.content === 'string')
        return { format: 'txt', source: { content: [{ text: source.content }] } }
      const content: { text: string }[] = []
      for (const [index, part] of source.content.entries()) {
        const place = `${path}.content.${index}`
        if (part.type !== 'text') return failAt(rewriting, place, hasNoCounterpart)
        takeOnly(rewriting, part, place, ['text'])
        content.push({ text: part.text })
      }
      return { format: 'txt', source: { content } }
    }
    case 'url':
    case 'file':
      return failAt(rewriting, path, hasNoCounterpart)
  }
}

export function searchResultToConverse(
  rewriting: Rewriting,
  { source, title, content, citations }: SearchResultBlockParam,
  path: string,
): ConverseSearchResult {
  for (const [index, part] of content.entries())
    takeOnly(rewriting, part, `${path}.content.${index}`, ['text'])
  return {
    source,
    title,
    content: content.map(({ text }) => ({ text })),
    ...(citations && { citations: { enabled: citations.enabled ?? false } }),
  }
}
