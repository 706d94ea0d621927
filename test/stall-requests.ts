// Valid requests of a given size with as many parts as fit, for every protocol: a translator crosses all of them.

/** A body of about this size. */
type CreateBody = (bytes: number) => string

export interface WholeRequests {
  readonly path: string
  readonly bodies: Readonly<Record<string, CreateBody>>
}

const model = 'claude-sonnet-4-5'
const bedrock = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1:0'
/** CountTokens takes no inference profile. */
const bedrockModel = '/model/anthropic.claude-sonnet-4-5-20250929-v1:0'
const head = `"model":"${model}","max_tokens":8`

/** Repeats a part until the bytes are used. With its longest number of parts reached, a part's text grows instead. */
function fill(bytes: number, maxParts: number, createPart: (index: number, text: string) => string): string {
  const own = createPart(0, '').length + 1
  const count = Math.max(1, Math.min(maxParts, Math.floor(bytes / (own + 1))))
  const text = 'word '
    .repeat(Math.ceil(bytes / count / 5))
    .slice(0, Math.max(1, Math.floor(bytes / count) - own))
  return Array.from({ length: count }, (_, index) => createPart(index, text)).join(',')
}

/** The first bytes of a PNG of 200 by 200 pixels, and zeros. */
function createPng(bytes: number): string {
  const png = Buffer.alloc(Math.max(64, Math.floor((bytes / 4) * 3)))
  Buffer.from('89504e470d0a1a0a0000000d49484452000000c8000000c80806000000', 'hex').copy(png)
  return png.toString('base64')
}

function createPdf(bytes: number): string {
  const object = '1 0 obj\n<< /Type /Page /Parent 2 0 R >>\nendobj\n'
  const pdf = `%PDF-1.7\n${object.repeat(Math.ceil((bytes * 0.75) / object.length))}%%EOF`
  return Buffer.from(pdf).toString('base64')
}

const user = (content: string): string => `{"role":"user","content":${content}}`
const quoted = (text: string): string => `"${text || 'a'}"`

const messagesBodies = {
  turns: (bytes) => ask(fill(bytes, 30_000, (index, text) => turn(index, quoted(text)))),
  text_blocks: (bytes) => ask(user(`[${textBlocks(bytes, 40_000)}]`)),
  system_blocks: (bytes) => ask(user('"hi"'), `"system":[${textBlocks(bytes, 40_000)}]`),
  tools: (bytes) =>
    ask(
      user('"hi"'),
      `"tools":[${fill(bytes, 10_000, (index, text) => `{"name":"t${index}","description":${quoted(text)},"input_schema":{"type":"object","properties":{"a":{"type":"string"}}}}`)}]`,
    ),
  tool_calls: (bytes) => {
    const results = fill(
      bytes * 0.6,
      20_000,
      (index, text) => `{"type":"tool_result","tool_use_id":"t${index}","content":${quoted(text)}}`,
    )
    const count = results.split('"tool_use_id"').length - 1
    const uses = Array.from(
      { length: count },
      (_, index) => `{"type":"tool_use","id":"t${index}","name":"a","input":{}}`,
    ).join(',')
    return ask(`${user('"hi"')},{"role":"assistant","content":[${uses}]},${user(`[${results}]`)}`, toolA)
  },
  tool_rounds: (bytes) =>
    ask(
      `${user('"hi"')},${fill(bytes, 8_000, (index, text) => `{"role":"assistant","content":[{"type":"tool_use","id":"t${index}","name":"a","input":{"b":${index}}}]},${user(`[{"type":"tool_result","tool_use_id":"t${index}","content":${quoted(text)}}]`)}`)}`,
      toolA,
    ),
  one_image: (bytes) => ask(user(`[${image(createPng(bytes))},{"type":"text","text":"hi"}]`)),
  images: (bytes) => ask(user(`[${repeatWithin(bytes, image(createPng(400)))}]`)),
  one_document: (bytes) => ask(user(`[${documentBlock(createPdf(bytes))},{"type":"text","text":"hi"}]`)),
  documents: (bytes) => ask(user(`[${repeatWithin(bytes, documentBlock(createPdf(400)))}]`)),
  files: (bytes) =>
    ask(
      user(
        `[${fill(bytes, 40_000, (index) => `{"type":"document","source":{"type":"file","file_id":"file_${index}"}}`)}]`,
      ),
    ),
  escaped_text: (bytes) => ask(user(`"${String.raw`\n\u00e9\"`.repeat(bytes / 10)}"`)),
} as const satisfies Record<string, CreateBody>

const chatBodies = {
  turns: messagesBodies.turns,
  text_blocks: messagesBodies.text_blocks,
  tools: (bytes) =>
    ask(
      user('"hi"'),
      `"tools":[${fill(bytes, 10_000, (index, text) => `{"type":"function","function":{"name":"t${index}","description":${quoted(text)},"parameters":{"type":"object"}}}`)}]`,
    ),
  tool_rounds: (bytes) =>
    ask(
      `${user('"hi"')},${fill(bytes, 8_000, (index, text) => `{"role":"assistant","tool_calls":[{"id":"t${index}","type":"function","function":{"name":"a","arguments":"{\\"b\\":1}"}}]},{"role":"tool","tool_call_id":"t${index}","content":${quoted(text)}}`)}`,
    ),
  one_call: (bytes) =>
    ask(
      `${user('"hi"')},{"role":"assistant","tool_calls":[{"id":"t","type":"function","function":{"name":"a","arguments":${JSON.stringify(`{"b":[${fill(bytes, 90_000, () => '1.25')}]}`)}}}]},{"role":"tool","tool_call_id":"t","content":"b"}`,
    ),
  one_image: (bytes) =>
    ask(user(`[{"type":"image_url","image_url":{"url":"data:image/png;base64,${createPng(bytes)}"}}]`)),
  one_document: (bytes) =>
    ask(
      user(
        `[{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,${createPdf(bytes)}"}}]`,
      ),
    ),
  escaped_text: messagesBodies.escaped_text,
} as const satisfies Record<string, CreateBody>

const converseBodies = {
  turns: (bytes) => converse(fill(bytes, 20_000, (index, text) => turn(index, `[{"text":${quoted(text)}}]`))),
  text_blocks: (bytes) => converse(user(`[${fill(bytes, 60_000, (_, text) => `{"text":${quoted(text)}}`)}]`)),
  system_blocks: (bytes) =>
    converse(
      user('[{"text":"hi"}]'),
      `"system":[${fill(bytes, 60_000, (_, text) => `{"text":${quoted(text)}}`)}]`,
    ),
  tools: (bytes) =>
    converse(
      user('[{"text":"hi"}]'),
      `"toolConfig":{"tools":[${fill(bytes, 10_000, (index, text) => `{"toolSpec":{"name":"t${index}","description":${quoted(text)},"inputSchema":{"json":{"type":"object"}}}}`)}]}`,
    ),
  tool_rounds: (bytes) =>
    converse(
      `${user('[{"text":"hi"}]')},${fill(bytes, 8_000, (index, text) => `{"role":"assistant","content":[{"toolUse":{"toolUseId":"t${index}","name":"a","input":{"b":${index}}}}]},${user(`[{"toolResult":{"toolUseId":"t${index}","content":[{"text":${quoted(text)}}]}}]`)}`)}`,
      '"toolConfig":{"tools":[{"toolSpec":{"name":"a","inputSchema":{"json":{"type":"object"}}}}]}',
    ),
  one_image: (bytes) =>
    converse(user(`[{"image":{"format":"png","source":{"bytes":"${createPng(bytes)}"}}},{"text":"hi"}]`)),
  images: (bytes) =>
    converse(
      user(`[${repeatWithin(bytes, `{"image":{"format":"png","source":{"bytes":"${createPng(400)}"}}}`)}]`),
    ),
  one_document: (bytes) =>
    converse(
      user(
        `[{"document":{"format":"pdf","name":"a","source":{"bytes":"${createPdf(bytes)}"}}},{"text":"hi"}]`,
      ),
    ),
  escaped_text: (bytes) => converse(user(`[{"text":"${String.raw`\n\u00e9\"`.repeat(bytes / 10)}"}]`)),
} as const satisfies Record<string, CreateBody>

export const wholeRequests: Readonly<Record<string, WholeRequests>> = {
  messages: { path: '/v1/messages', bodies: messagesBodies },
  count_tokens: {
    path: '/v1/messages/count_tokens',
    bodies: mapBodies(messagesBodies, (body) => body.replace('"max_tokens":8,', '')),
  },
  openai: { path: '/v1/chat/completions', bodies: chatBodies },
  invoke: {
    path: `${bedrock}/invoke`,
    bodies: mapBodies(messagesBodies, toInvoke),
  },
  converse: { path: `${bedrock}/converse`, bodies: converseBodies },
  bedrock_count: {
    path: `${bedrockModel}/count-tokens`,
    bodies: mapBodies(converseBodies, (body) => `{"input":{"converse":${body}}}`),
  },
  bedrock_count_invoke: {
    path: `${bedrockModel}/count-tokens`,
    bodies: mapBodies(
      messagesBodies,
      (body) => `{"input":{"invokeModel":{"body":"${Buffer.from(toInvoke(body)).toString('base64')}"}}}`,
      0.74,
    ),
  },
  batches: {
    path: '/v1/messages/batches',
    bodies: {
      ...mapBodies(messagesBodies, (body) => `{"requests":[{"custom_id":"a","params":${body}}]}`),
      requests: (bytes) =>
        `{"requests":[${fill(bytes, 100_000, (index, text) => `{"custom_id":"r${index}","params":${ask(user(quoted(text)))}}`)}]}`,
    },
  },
}

function mapBodies(
  bodies: Readonly<Record<string, CreateBody>>,
  map: (body: string) => string,
  share = 1,
): Record<string, CreateBody> {
  return Object.fromEntries(
    Object.entries(bodies).map(([name, create]) => [name, (bytes: number) => map(create(bytes * share))]),
  )
}

function toInvoke(body: string): string {
  return body.replace(`"model":"${model}"`, '"anthropic_version":"bedrock-2023-05-31"')
}

function ask(messages: string, more = ''): string {
  return `{${head},"messages":[${messages}]${more === '' ? '' : `,${more}`}}`
}

function converse(messages: string, more = ''): string {
  return `{"messages":[${messages}]${more === '' ? '' : `,${more}`}}`
}

function turn(index: number, content: string): string {
  return `{"role":"${index % 2 === 0 ? 'user' : 'assistant'}","content":${content}}`
}

function textBlocks(bytes: number, maxParts: number): string {
  return fill(bytes, maxParts, (_, text) => `{"type":"text","text":${quoted(text)}}`)
}

function repeatWithin(bytes: number, part: string): string {
  return Array.from({ length: Math.max(1, Math.floor(bytes / (part.length + 1))) }, () => part).join(',')
}

function image(data: string): string {
  return `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${data}"}}`
}

function documentBlock(data: string): string {
  return `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"${data}"}}`
}

const toolA = '"tools":[{"name":"a","input_schema":{"type":"object"}}]'
