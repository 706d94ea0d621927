import { describe, expect, test } from 'vitest'

import { converseToMessages } from '../../src/converse/to-messages.ts'

const options = { model: 'claude-opus-4-8', defaultMaxTokens: 100 }
const hi = { role: 'user', content: [{ text: 'Hi' }] }
const document = (name: string) => ({ document: { name, format: 'txt', source: { bytes: 'SGk=' } } })
const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }] }

describe('with the observed text of Bedrock it rejects', () => {
  test.each<[string, object, string]>([
    [
      'a blank text',
      { messages: [hi, { role: 'user', content: [{ text: ' \n' }] }] },
      'The text field in the ContentBlock object at messages.1.content.0 is blank. Add text to the text field, and try again.',
    ],
    [
      'an empty message',
      { messages: [{ role: 'user', content: [] }] },
      'The content field in the Message object at messages.0 is empty. Add a ContentBlock object to the content field and try again.',
    ],
    [
      'a conversation that begins with the assistant',
      { messages: [{ role: 'assistant', content: [{ text: 'Hi' }] }] },
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    ],
    [
      'no messages',
      { messages: [] },
      'A conversation must start with a user message. Try again with a conversation that starts with a user message.',
    ],
    [
      'a block of no kind',
      { messages: [{ role: 'user', content: [{ type: 'text', txt: 'Hi' }] }] },
      'ContentBlock object at messages.0.content.0 must set one of the following keys: text, image, toolUse, toolResult, document, video, cachePoint, reasoningContent, citationsContent, searchResult, guardContent, audio, toolAddition, toolRemoval.',
    ],
    [
      'a cache point with nothing before it',
      { messages: [{ role: 'user', content: [{ cachePoint: { type: 'default' } }, { text: 'Hi' }] }] },
      'There is nothing available to cache.',
    ],
    [
      'a cache point right after another',
      { system: [{ text: 'a' }, { cachePoint: { type: 'default' } }, { cachePoint: { type: 'default' } }] },
      'There is nothing available to cache.',
    ],
    [
      'a cache point before the tools',
      { toolConfig: { tools: [{ cachePoint: { type: 'default' } }, ...toolConfig.tools] } },
      'There is nothing available to cache.',
    ],
    [
      'a tool whose schema is not that of an object',
      {
        toolConfig: {
          tools: [...toolConfig.tools, { toolSpec: { name: 'g', inputSchema: { json: { type: 'array' } } } }],
        },
      },
      'The value at toolConfig.tools.1.toolSpec.inputSchema.json.type must be one of the following: object.',
    ],
    [
      'a tool whose name has a space',
      { toolConfig: { tools: [{ toolSpec: { name: 'a b', inputSchema: { json: { type: 'object' } } } }] } },
      "1 validation error detected: Value 'a b' at 'toolConfig.tools.1.member.toolSpec.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
    ],
    [
      'a tool whose schema has no type',
      { toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: { oneOf: [] } } } }] } },
      'The value at toolConfig.tools.0.toolSpec.inputSchema.json.type must be one of the following: object.',
    ],
    [
      'thinking under both of its names',
      {
        additionalModelRequestFields: {
          thinking: { type: 'disabled' },
          reasoning_config: { type: 'disabled' },
        },
      },
      'The additional field reasoning_config conflicts with an existing field.',
    ],
    [
      'more results than calls',
      {
        messages: [
          hi,
          { role: 'assistant', content: [{ text: 'a' }] },
          { role: 'user', content: [result('a')] },
        ],
        toolConfig,
      },
      'The number of toolResult blocks at messages.2.content exceeds the number of toolUse blocks of previous turn.',
    ],
    [
      'a cache point after reasoning',
      {
        messages: [
          hi,
          {
            role: 'assistant',
            content: [
              { reasoningContent: { reasoningText: { text: 'a', signature: 'b' } } },
              { cachePoint: { type: 'default' } },
            ],
          },
        ],
      },
      'Cache point cannot be inserted after reasoning block. Please remove the invalid cache point and try again.',
    ],
    [
      'a document with the name of a file',
      { messages: [{ role: 'user', content: [document('a.txt')] }] },
      "The document file name can only contain alphanumeric characters, whitespace characters, hyphens, parentheses, and square brackets. The name can't contain more than one consecutive whitespace character. Check that the file name conforms to these restrictions and retry your request.",
    ],
    [
      'two documents of one name',
      {
        messages: [
          { role: 'user', content: [document('a')] },
          { role: 'user', content: [document('a')] },
        ],
      },
      "Messages can't contain duplicate document names. Rename the document and retry your request.",
    ],
    [
      'tool calls without tools',
      {
        messages: [
          hi,
          { role: 'assistant', content: [{ toolUse: { toolUseId: 'a', name: 'f', input: {} } }] },
        ],
      },
      'The toolConfig field must be defined when using toolUse and toolResult content blocks.',
    ],
    [
      'a call whose result is not in the next turn',
      {
        messages: [
          hi,
          { role: 'assistant', content: ['a', 'b'].map(call) },
          { role: 'user', content: [result('a')] },
          { role: 'user', content: [result('b')] },
        ],
        toolConfig,
      },
      'Expected toolResult blocks at messages.2.content for the following Ids: b',
    ],
    [
      'a call without a result',
      { messages: [hi, { role: 'assistant', content: ['a', 'b'].map(call) }], toolConfig },
      'Expected toolResult blocks at messages.2.content for the following Ids: a, b',
    ],
    [
      'an error of a tool that says nothing',
      {
        messages: [
          { role: 'user', content: [{ toolResult: { toolUseId: 'a', content: [], status: 'error' } }] },
        ],
        toolConfig,
      },
      'The content field at messages.0.content.0.toolResult cannot be empty when status value is error.',
    ],
    [
      'an additional field that is there already',
      { system: [{ text: 'a' }], additionalModelRequestFields: { system: 'b' } },
      'The additional field system conflicts with an existing field.',
    ],
    [
      'a schema that is not an object',
      { toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: 'x' } } }] } },
      'The format of the value at toolConfig.tools.0.toolSpec.inputSchema.json is invalid. Provide a json object for the field and try again.',
    ],
    [
      'no tools among the tools',
      { toolConfig: { tools: [] } },
      "1 validation error detected: Value at 'toolConfig.tools' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'the name of a tool',
      {
        messages: [
          hi,
          {
            role: 'user',
            content: [{ text: 'a' }, { toolUse: { toolUseId: 'a', name: 'a.b', input: {} } }],
          },
        ],
      },
      "1 validation error detected: Value at 'messages.2.member.content.2.member.toolUse.name' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z0-9_-]+",
    ],
    [
      'an unsupported feature',
      { guardrailConfig: { guardrailIdentifier: 'x' } },
      "This model doesn't support the guardrailConfig field. Remove guardrailConfig and try again.",
    ],
  ])('%s', (_, more, message) => {
    expect(converseToMessages({ messages: [hi], ...more }, options)).toEqual({
      ok: false,
      problem: { type: 'ValidationException', message },
    })
  })
})

describe('with an inferred text it rejects', () => {
  test.each<[string, unknown, string, string]>([
    ['a body that is not an object', [], 'SerializationException', 'Start of list'],
    [
      'no messages at all',
      {},
      'ValidationException',
      "'messages' failed to satisfy constraint: Member must not be",
    ],
    [
      'a text that is a number',
      { messages: [{ role: 'user', content: [{ text: 1 }] }] },
      'SerializationException',
      'NUMBER_VALUE',
    ],
    ['half a token', body({ inferenceConfig: { maxTokens: 1.5 } }), 'SerializationException', 'an Integer'],
    [
      'no token',
      body({ inferenceConfig: { maxTokens: 0 } }),
      'ValidationException',
      'greater than or equal to 1',
    ],
    [
      'a high temperature',
      body({ inferenceConfig: { temperature: 2 } }),
      'ValidationException',
      'less than or equal to 1',
    ],
    [
      'a role',
      body({ messages: [{ role: 'robot', content: [] }] }),
      'ValidationException',
      '[user, assistant, system]',
    ],
    [
      'two kinds in one block',
      body({ system: [{ text: 'a', cachePoint: { type: 'default' } }] }),
      'ValidationException',
      'can only set one',
    ],
    [
      'bytes that are not base64',
      body({ messages: [{ role: 'user', content: [{ image: { format: 'png', source: { bytes: 'a' } } }] }] }),
      'SerializationException',
      'Blob',
    ],
    [
      'a text document that is not text',
      body({
        messages: [
          { role: 'user', content: [{ document: { name: 'a', format: 'md', source: { bytes: '/w==' } } }] },
        ],
      }),
      'ValidationException',
      'UTF-8',
    ],
    [
      'a document of no format',
      body({
        messages: [{ role: 'user', content: [{ document: { name: 'a', source: { bytes: 'SGk=' } } }] }],
      }),
      'ValidationException',
      "document.format'",
    ],
    [
      'a citation of no place',
      body({ messages: [{ role: 'user', content: [{ citationsContent: { citations: [{}] } }] }] }),
      'ValidationException',
      'no location',
    ],
    [
      'a schema that is not JSON',
      body({
        outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{' } } } },
      }),
      'ValidationException',
      'JSON schema as a string',
    ],
    [
      'a path that is not a JSON pointer',
      body({ additionalModelResponseFieldPaths: ['/a', 'b'] }),
      'ValidationException',
      'additionalModelResponseFieldPaths.1',
    ],
    [
      'betas that are not a list of names',
      body({ additionalModelRequestFields: { anthropic_beta: [1] } }),
      'ValidationException',
      'anthropic_beta',
    ],
    [
      'another model',
      body({ additionalModelRequestFields: { model: 'x' } }),
      'ValidationException',
      'additional field model',
    ],
    [
      'other messages',
      body({ additionalModelRequestFields: { messages: [] } }),
      'ValidationException',
      'additional field messages',
    ],
    [
      'one effort twice',
      body({
        outputConfig: { effort: 'low' },
        additionalModelRequestFields: { output_config: { effort: 'max' } },
      }),
      'ValidationException',
      'output_config.effort',
    ],
    ['null in a list', body({ system: [null] }), 'ValidationException', "'system.1.member'"],
  ])('%s', (_, given, type, words) => {
    expect(converseToMessages(given, options)).toEqual({
      ok: false,
      problem: { type, message: expect.stringContaining(words) },
    })
  })
})

function call(toolUseId: string): object {
  return { toolUse: { toolUseId, name: 'f', input: {} } }
}

function result(toolUseId: string): object {
  return { toolResult: { toolUseId, content: [{ text: 'ok' }] } }
}

function body(more: object): object {
  return { messages: [hi], ...more }
}
