import type { MessageParam, MessagesRequest } from '../../src/messages/request.ts'

export interface FieldExample {
  readonly converse?: object
  readonly messages?: Partial<MessagesRequest>
  readonly betas?: readonly string[]
  /** The remainder of a field of which a part has no effect. */
  readonly left?: object
}

const tools = [{ name: 'f', input_schema: { type: 'object' } }]
const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }
const png = 'iVBORw0KGgo='
const sky = 'VGhlIHNreSBpcyBibHVlLg=='
const s3Location = { uri: 's3://bucket/key' }

const text = { text: 'Look' }
const textBlock = { type: 'text', text: 'Look' }
const image = { format: 'png', source: { bytes: png } }
const imageBlock = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }
const paper = { name: 'Paper', format: 'txt', source: { bytes: sky } }
const skyText = { type: 'text', media_type: 'text/plain', data: 'The sky is blue.' }
const paperBlock = { type: 'document', title: 'Paper', source: skyText }
const found = { source: 'https://a.b', title: 'A', content: [{ text: 'x' }], citations: { enabled: true } }
const foundBlock = {
  type: 'search_result',
  source: 'https://a.b',
  title: 'A',
  content: [{ type: 'text', text: 'x' }],
  citations: { enabled: true },
}
const thought = { reasoningContent: { reasoningText: { text: 'Hm.\n', signature: 'c2ln+/=' } } }

/** By field name: the same turn in both forms, if both exist. */
export const turnExamples: Readonly<Record<string, FieldExample>> = {
  'messages[].role': {
    converse: {
      messages: [
        { role: 'user', content: [text] },
        { role: 'system', content: [text] },
        { role: 'assistant', content: [text] },
      ],
    },
    messages: {
      messages: getTurns([
        { role: 'user', content: [textBlock] },
        { role: 'system', content: [textBlock] },
        { role: 'assistant', content: [textBlock] },
      ]),
    },
  },
  text: turn([text], [textBlock]),
  'image.source.bytes': turn([{ image }], [imageBlock]),
  'image.source.s3Location': turn([{ image: { format: 'png', source: { s3Location } } }], []),
  'image.source (url, file)': turn(
    [],
    [{ type: 'image', source: { type: 'url', url: 'https://a.b/c.png' } }],
  ),
  'image.transformations': turn([], [{ ...imageBlock, transformations: { oversized_image: 'error' } }]),
  'document.source.bytes (pdf)': turn(
    [{ document: { name: 'Paper', format: 'pdf', source: { bytes: 'JVBERi0=' } } }],
    [
      {
        type: 'document',
        title: 'Paper',
        source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
      },
    ],
  ),
  'document.source.bytes (txt)': turn([{ document: paper }], [paperBlock]),
  'document.source.bytes (md, html, csv)': turn(
    ['md', 'html', 'csv'].map((format) => ({ document: { ...paper, name: format, format } })),
    ['md', 'html', 'csv'].map((title) => ({ ...paperBlock, title })),
  ),
  'document.source.bytes (doc, docx, xls, xlsx)': turn([{ document: { ...paper, format: 'docx' } }], []),
  'document.source.text': turn(
    [{ document: { ...paper, source: { text: 'The sky is blue.' } } }],
    [paperBlock],
  ),
  'document.source.content': turn(
    [{ document: { ...paper, source: { content: [{ text: 'a' }, { text: 'b' }] } } }],
    [
      {
        ...paperBlock,
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
      },
    ],
  ),
  'document.source.s3Location': turn([{ document: { ...paper, source: { s3Location } } }], []),
  'document.source (url, file)': turn([], [{ ...paperBlock, source: { type: 'file', file_id: 'file_1' } }]),
  'document.name': turn(
    [{ document: { ...paper, name: 'A (1) [b]-c_d' } }],
    [{ ...paperBlock, title: 'A (1) [b]-c_d' }],
  ),
  'document.title (no name for Converse)': turn(
    [{ document: { ...paper, name: 'document-1' } }],
    [{ ...paperBlock, title: 'paper.txt' }],
  ),
  'document.context': turn(
    [{ document: { ...paper, context: 'Of 1871.' } }],
    [{ ...paperBlock, context: 'Of 1871.' }],
  ),
  'document.citations': turn(
    [{ document: { ...paper, citations: { enabled: true } } }],
    [{ ...paperBlock, citations: { enabled: true } }],
  ),
  searchResult: turn([{ searchResult: found }], [foundBlock]),
  toolUse: turn(
    [{ toolUse: { toolUseId: 'toolu_1', name: 'f', input: { a: [1, { b: null }] } } }],
    [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: [1, { b: null }] } }],
  ),
  'toolUse.type': turn(
    [{ toolUse: { toolUseId: 'toolu_1', name: 'f', input: {}, type: 'server_tool_use' } }],
    [],
  ),
  'tool_use.caller': turn(
    [],
    [{ type: 'tool_use', id: 'toolu_1', name: 'f', input: {}, caller: { type: 'direct' } }],
  ),
  'toolResult.content[].text': result([text], [textBlock]),
  'toolResult.content[].json': result(
    [{ json: { n: 1.5, s: 'ü' } }],
    [{ type: 'text', text: '{"n":1.5,"s":"ü"}' }],
  ),
  'toolResult.content[].image': result([{ image }], [imageBlock]),
  'toolResult.content[].document': result([{ document: paper }], [paperBlock]),
  'toolResult.content[].searchResult': result([{ searchResult: found }], [foundBlock]),
  'toolResult.content[].video': result([{ video: { format: 'mp4', source: { bytes: sky } } }], []),
  'tool_result.content[].cache_control': result([], [{ ...textBlock, cache_control: { type: 'ephemeral' } }]),
  'tool_result.content[] (tool_reference, browser_state)': result(
    [],
    [{ type: 'tool_reference', tool_name: 'f' }],
  ),
  'toolResult.status': answer(
    [
      { toolResult: { toolUseId: 'toolu_1', content: [text], status: 'error' } },
      { toolResult: { toolUseId: 'toolu_2', content: [], status: 'success' } },
    ],
    [
      { type: 'tool_result', tool_use_id: 'toolu_1', content: [textBlock], is_error: true },
      { type: 'tool_result', tool_use_id: 'toolu_2', is_error: false },
    ],
  ),
  'toolResult.type': answer([{ toolResult: { toolUseId: 'toolu_1', content: [text], type: 'x' } }], []),
  'reasoningContent.reasoningText': turn(
    [thought],
    [{ type: 'thinking', thinking: 'Hm.\n', signature: 'c2ln+/=' }],
  ),
  'reasoningContent.redactedContent': turn(
    [{ reasoningContent: { redactedContent: 'c2VjcmV0' } }],
    [{ type: 'redacted_thinking', data: 'c2VjcmV0' }],
  ),
  cachePoint: turn(
    [text, { cachePoint: { type: 'default', ttl: '1h' } }, { image }, { cachePoint: { type: 'default' } }],
    [
      { ...textBlock, cache_control: { type: 'ephemeral', ttl: '1h' } },
      { ...imageBlock, cache_control: { type: 'ephemeral' } },
    ],
  ),
  'cachePoint (nothing before it)': turn([{ cachePoint: { type: 'default' } }, text], []),
  'cachePoint (after reasoningContent)': turn([thought, { cachePoint: { type: 'default' } }], []),
  citationsContent: turn(
    [
      {
        citationsContent: {
          content: [{ text: 'Blue.' }],
          citations: [
            {
              title: 'Paper',
              sourceContent: [{ text: 'The sky' }],
              location: { documentChar: { documentIndex: 0, start: 0, end: 7 } },
            },
            {
              sourceContent: [{ text: 'is' }],
              location: { documentPage: { documentIndex: 1, start: 1, end: 2 } },
            },
            {
              title: 'C',
              sourceContent: [{ text: 'blue' }],
              location: { documentChunk: { documentIndex: 2, start: 0, end: 1 } },
            },
            {
              title: 'D',
              source: 'https://a.b',
              sourceContent: [{ text: 'x' }],
              location: { searchResultLocation: { searchResultIndex: 3, start: 4, end: 5 } },
            },
          ],
        },
      },
    ],
    [
      {
        type: 'text',
        text: 'Blue.',
        citations: [
          {
            type: 'char_location',
            cited_text: 'The sky',
            document_index: 0,
            document_title: 'Paper',
            start_char_index: 0,
            end_char_index: 7,
          },
          {
            type: 'page_location',
            cited_text: 'is',
            document_index: 1,
            document_title: null,
            start_page_number: 1,
            end_page_number: 2,
          },
          {
            type: 'content_block_location',
            cited_text: 'blue',
            document_index: 2,
            document_title: 'C',
            start_block_index: 0,
            end_block_index: 1,
          },
          {
            type: 'search_result_location',
            cited_text: 'x',
            source: 'https://a.b',
            title: 'D',
            search_result_index: 3,
            start_block_index: 4,
            end_block_index: 5,
          },
        ],
      },
    ],
  ),
  'citationsContent.citations[].location.web': turn(
    [
      {
        citationsContent: {
          content: [text],
          citations: [{ location: { web: { url: 'https://a.b', domain: 'a.b' } } }],
        },
      },
    ],
    [
      {
        ...textBlock,
        citations: [
          {
            type: 'web_search_result_location',
            cited_text: 'x',
            url: 'https://a.b',
            title: null,
            encrypted_index: 'e',
          },
        ],
      },
    ],
  ),
  guardContent: turn(
    [{ guardContent: { text: { text: 'Look', qualifiers: ['query'] } } }, { guardContent: { image } }],
    [textBlock, imageBlock],
  ),
  'toolAddition, toolRemoval': turn(
    [
      { toolAddition: { tool: { type: 'tool_reference', name: 'f' } } },
      { toolRemoval: { tool: { type: 'mcp_tool_reference', name: 'g', serverName: 's' } } },
    ],
    [
      { type: 'tool_addition', tool: { type: 'tool_reference', name: 'f' } },
      { type: 'tool_removal', tool: { type: 'mcp_tool_reference', name: 'g', server_name: 's' } },
    ],
  ),
  'tool_addition.tool (tool_definition)': turn(
    [],
    [{ type: 'tool_addition', tool: { type: 'tool_definition', definition: {} } }],
  ),
  'video, audio': turn([{ audio: { format: 'mp3', source: { bytes: sky } } }], []),
  'server_tool_use and all results of server tools': turn(
    [],
    [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }],
  ),
  'mcp_tool_use, mcp_tool_result, container_upload': turn([], [{ type: 'container_upload', file_id: 'f' }]),
  'messages[].clear_at, messages[].output_config': {
    messages: { messages: getTurns([{ role: 'system', content: 'x', clear_at: 'never' }]) },
  },
}

function result(content: readonly object[], parts: readonly object[]): FieldExample {
  return answer(
    [{ toolResult: { toolUseId: 'toolu_1', content } }],
    [{ type: 'tool_result', tool_use_id: 'toolu_1', content: parts }],
  )
}

/** A turn of results, after the turn with their calls, which Converse requires. */
function answer(content: readonly object[], blocks: readonly object[]): FieldExample {
  const ids = content.map((_, index) => `toolu_${index + 1}`)
  const uses = ids.map((toolUseId) => ({ toolUse: { toolUseId, name: 'f', input: {} } }))
  const calls = ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: {} }))
  return {
    converse: {
      messages: [
        { role: 'user', content: [text] },
        { role: 'assistant', content: uses },
        { role: 'user', content },
      ],
      toolConfig,
    },
    messages: {
      messages: getTurns([
        { role: 'user', content: [textBlock] },
        { role: 'assistant', content: calls },
        { role: 'user', content: blocks },
      ]),
      tools,
    },
  }
}

function turn(content: readonly object[], blocks: readonly object[]): FieldExample {
  return {
    converse: { messages: [{ role: 'user', content }], toolConfig },
    messages: { messages: getTurns([{ role: 'user', content: blocks }]), tools },
  }
}

/** The literals above are blocks; with type annotations they would be twice as long. */
function getTurns(turns: readonly object[]): readonly MessageParam[] {
  return turns as readonly MessageParam[]
}
