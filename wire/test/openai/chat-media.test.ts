import { expect, test } from 'vitest'

import { translate } from './translated.ts'

test.each([
  ['data:image/png;base64,iVBO=', 'image/png'],
  ['data:image/jpg;base64,iVBO=', 'image/jpeg'],
  ['data:image/pjpeg;base64,iVBO=', 'image/jpeg'],
  ['DATA:IMAGE/PNG;BASE64,iVBO=', 'image/png'],
  ['data:image/webp;charset=utf-8;base64,iVBO=', 'image/webp'],
  ['data:image/gif ; name=a.gif; base64,iVBO=', 'image/gif'],
])('the data URL %s is an image of type %s', (url, mediaType) => {
  expect(translatePart({ type: 'image_url', image_url: { url, detail: 'auto' } })).toEqual({
    blocks: [{ type: 'image', source: { type: 'base64', media_type: mediaType, data: 'iVBO=' } }],
    notices: [],
  })
})

test('an image may be a URL, in the object or in place of it, and loses its detail', () => {
  const url = 'https://example.com/a.jpg'
  const image = { type: 'image', source: { type: 'url', url } }

  expect(translatePart({ type: 'image_url', image_url: { url } }).blocks).toEqual([image])
  expect(translatePart({ type: 'input_image', image_url: url, detail: 'high' })).toEqual({
    blocks: [image],
    notices: ['without effect on this endpoint: detail of images'],
  })
})

test('the media type of an image in the form of the Messages API is corrected as well', () => {
  const image = (type: string) => ({
    type: 'image',
    source: { type: 'base64', media_type: type, data: 'iVBO' },
  })

  expect(translatePart(image('image/jpg')).blocks).toEqual([image('image/jpeg')])
})

const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0xLjQ=' }
const note = { type: 'text', media_type: 'text/plain', data: 'Grüße' }

test.each<[string, object, object]>([
  [
    'a PDF',
    { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0xLjQ=' },
    { source: pdf, title: 'a.pdf' },
  ],
  ['a PDF as base64 alone', { filename: 'a', file_data: 'JVBERi0xLjQ=' }, { source: pdf, title: 'a' }],
  [
    'a text',
    { filename: 'a.md', file_data: 'data:text/markdown;charset=utf-8;base64,R3LDvMOfZQ==' },
    { source: note, title: 'a.md' },
  ],
  [
    'a text as base64 alone',
    { filename: 'a.csv', file_data: 'R3LDvMOfZQ==' },
    { source: note, title: 'a.csv' },
  ],
  ['an uploaded file', { file_id: 'file_1' }, { source: { type: 'file', file_id: 'file_1' } }],
])('%s is a document', (_, file, document) => {
  const expected = { blocks: [{ type: 'document', ...document }], notices: [] }

  expect(translatePart({ type: 'file', file })).toEqual(expected)
  expect(translatePart({ type: 'input_file', ...file })).toEqual(expected)
})

test('a PDF that is sent as an image is a document, and an image that is sent as a file an image', () => {
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBO' } }

  expect(
    translatePart({ type: 'image_url', image_url: { url: 'data:application/pdf;base64,JVBERi0xLjQ=' } })
      .blocks,
  ).toEqual([{ type: 'document', source: pdf }])
  expect(translatePart({ type: 'file', file: { file_data: 'data:image/png;base64,iVBO' } }).blocks).toEqual([
    image,
  ])
})

test.each([
  { type: 'file', file: { filename: 'a.docx', file_data: 'UEsDBA==' } },
  { type: 'file', file: { filename: 'a.txt', file_data: 'data:text/plain;base64,/w==' } },
  { type: 'file', file: {} },
  { type: 'input_audio', input_audio: { data: 'x', format: 'wav' } },
  { type: 'video_url', video_url: { url: 'https://a/b.mp4' } },
])('the part %j is left out with a notice, so that the conversation can continue', (part) => {
  expect(translatePart(part)).toEqual({
    blocks: [],
    notices: [`without effect on this endpoint: ${part.type} parts of user messages`],
  })
})

function translatePart(part: object) {
  const question = { type: 'text', text: 'What is this?' }
  const { body, notices } = translate({ messages: [{ role: 'user', content: [question, part] }] })
  // The message is the translation of the one above.
  const [message] = body['messages'] as readonly { content: readonly unknown[] | string }[]
  return { blocks: Array.isArray(message?.content) ? message.content.slice(1) : [], notices }
}
