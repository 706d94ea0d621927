import type { Message } from '@anthology/wire'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, getMessage, getText } from '../collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2025-08-15' })

const weather = tool(
  'get_weather',
  'Get the current weather in a given location',
  {
    location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
    unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
  },
  ['location'],
)
const clock = tool('get_time', 'Get the current time in a timezone', { timezone: { type: 'string' } })
const add = tool('add', 'Adds two numbers', { a: { type: 'number' }, b: { type: 'number' } })
const calculator = tool('calculator', 'Evaluate an expression', { expression: { type: 'string' } })
const read = tool('Read', 'Reads a file from the local filesystem.', { file_path: { type: 'string' } })
const write = tool('Write', 'Writes a file to the local filesystem.', {
  file_path: { type: 'string' },
  content: { type: 'string' },
})
const edit = tool('Edit', 'Performs exact string replacements in files.', {
  file_path: { type: 'string' },
  old_string: { type: 'string' },
  new_string: { type: 'string' },
})
const bash = tool('Bash', 'Executes a given bash command', { command: { type: 'string' } })
const final = tool(
  'StructuredOutput',
  'Use this tool to return your final response in the requested structured format. You MUST call this tool exactly once at the end of your response.',
  { joke: { type: 'string' } },
)
const agent = [read, write, edit, bash]

describe('with auto, a tool is called', () => {
  test.each<[string, readonly unknown[], readonly unknown[]]>([
    [
      "What's the weather like in San Francisco?",
      [weather],
      [['get_weather', { location: 'San Francisco' }]],
    ],
    [
      'What is the weather in Portland, OR in celsius?',
      [weather, clock],
      [['get_weather', { location: 'Portland, OR', unit: 'celsius' }]],
    ],
    ['whats the weather in tokyo?', [weather], [['get_weather', { location: 'tokyo' }]]],
    ['Add 2 and 40.5', [add, weather], [['add', { a: 2, b: 40.5 }]]],
    ['What is (15 + 2) * 7?', [calculator, weather], [['calculator', { expression: '(15 + 2) * 7' }]]],
    ['Read /etc/hosts', agent, [['Read', { file_path: '/etc/hosts' }]]],
    ['Run `ls -la` with Bash', agent, [['Bash', { command: 'ls -la' }]]],
    [
      'Please use the Edit tool to replace "foo" with "bar" in src/a.ts',
      agent,
      [['Edit', { file_path: 'src/a.ts', old_string: 'foo', new_string: 'bar' }]],
    ],
    ['Call get_weather for “New York”.', [weather], [['get_weather', { location: 'New York' }]]],
  ])('for %j', async (question, tools, calls) => {
    const message = await getMessage(emulator, ask(question, { tools }))

    expect(listCalls(message)).toEqual(calls)
    expect(message.stop_reason).toBe('tool_use')
    expect(message.content[0]).toMatchObject({ type: 'text' })
  })

  test.each<[string, readonly unknown[]]>([
    ['Hello!', [weather, clock, add]],
    ['Tell me about the weather', [weather]],
    ['Write 50 words about tea', agent],
    ['Write a haiku about reading and editing', agent],
    ['Do not use the get_weather tool, just guess: what is it like in Oslo?', [weather]],
    ['Please explain what a bash script is', agent],
    ['Add some colour to this sentence', [add]],
  ])('but not for %j', async (question, tools) => {
    const message = await getMessage(emulator, ask(question, { tools }))

    expect(listCalls(message)).toEqual([])
    expect(message.stop_reason).toBe('end_turn')
  })
})

describe('parallel calls', () => {
  test('are made for each of several values, and for each of several tools', async () => {
    const places = await getMessage(
      emulator,
      ask('What is the weather in Paris, Rome and Oslo?', { tools: [weather] }),
    )
    const both = await getMessage(
      emulator,
      ask('What is the weather in Paris and what time is it in Asia/Tokyo?', { tools: [weather, clock] }),
    )

    expect(listCalls(places)).toEqual(
      ['Paris', 'Rome', 'Oslo'].map((location) => ['get_weather', { location }]),
    )
    expect(new Set(places.content.flatMap((block) => (block.type === 'tool_use' ? block.id : []))).size).toBe(
      3,
    )
    expect(listCalls(both)).toEqual([
      ['get_weather', { location: 'Paris' }],
      ['get_time', { timezone: 'Asia/Tokyo' }],
    ])
  })

  test.each([{ type: 'auto' }, { type: 'any' }])('are not made if they are disabled: %j', async (choice) => {
    const tool_choice = { ...choice, disable_parallel_tool_use: true }
    const message = await getMessage(
      emulator,
      ask('Weather in Paris, Rome and Oslo?', { tools: [weather], tool_choice }),
    )

    expect(listCalls(message)).toEqual([['get_weather', { location: 'Paris' }]])
  })

  test('are not made for sequential steps', async () => {
    const question =
      'Use the Read tool on notes.txt, then use the Edit tool to replace "foo" with "bar" in notes.txt'
    const first = await getMessage(emulator, ask(question, { tools: agent }))
    const second = await getMessage(emulator, reply(question, agent, [first, 'foo']))
    const third = await getMessage(emulator, reply(question, agent, [first, 'foo'], [second, 'done']))

    expect(listCalls(first)).toEqual([['Read', { file_path: 'notes.txt' }]])
    expect(listCalls(second)).toEqual([
      ['Edit', { file_path: 'notes.txt', old_string: 'foo', new_string: 'bar' }],
    ])
    expect(third.stop_reason).toBe('end_turn')
  })
})

test.each([
  ['What is the weather in Lisbon?', 'mcp__maps__get_weather'],
  ['Please call get_weather for Lisbon', 'mcp__maps__get_weather'],
  ['Please call mcp__maps__lookup for Lisbon', 'mcp__maps__lookup'],
  ['Use lookup for Lisbon', 'mcp__maps__lookup'],
])('%s: the tool %s of an MCP server is called like any other', async (question, name) => {
  const tools = [tool(name, 'Conditions at a place', { location: { type: 'string' } })]

  expect(listCalls(await getMessage(emulator, ask(question, { tools })))).toEqual([
    [name, { location: 'Lisbon' }],
  ])
})

describe('tool_choice', () => {
  test('any calls the requested tool, or else the first one', async () => {
    const tool_choice = { type: 'any' }

    expect(
      listCalls(await getMessage(emulator, ask('Add 1 and 2', { tools: [weather, add], tool_choice }))),
    ).toEqual([['add', { a: 1, b: 2 }]])
    expect(
      listCalls(await getMessage(emulator, ask('Hello!', { tools: [weather, add], tool_choice }))),
    ).toEqual([['get_weather', { location: expect.any(String) }]])
  })

  test('any calls each tool once before it repeats one, so that a loop of forced calls reaches the last', async () => {
    const tool_choice = { type: 'any' }
    const question = 'How is the weather in Paris?'
    const json = tool('json', 'Takes text', { text: { type: 'string' } })
    const first = await getMessage(emulator, ask(question, { tools: [weather, json], tool_choice }))
    const second = await getMessage(emulator, {
      ...reply(question, [weather, json], [first, 'sunny']),
      tool_choice,
    })

    expect(listCalls(first)).toEqual([['get_weather', { location: 'Paris' }]])
    expect(listCalls(second)).toEqual([['json', { text: expect.any(String) }]])
  })

  test('tool calls that tool without preceding text, also after results', async () => {
    const tool_choice = { type: 'tool', name: 'add' }
    const first = await getMessage(emulator, ask('Hello!', { tools: [weather, add], tool_choice }))
    const again = await getMessage(emulator, {
      ...reply('Hello!', [weather, add], [first, '3']),
      tool_choice,
    })

    for (const message of [first, again]) {
      expect(message.content).toEqual([
        {
          type: 'tool_use',
          id: expect.stringMatching(/^toolu_01\w{22}$/),
          name: 'add',
          input: { a: expect.any(Number), b: expect.any(Number) },
        },
      ])
      expect(message.stop_reason).toBe('tool_use')
    }
  })

  test('none calls nothing', async () => {
    const message = await getMessage(
      emulator,
      ask('Add 1 and 2', { tools: [add], tool_choice: { type: 'none' } }),
    )

    expect(listCalls(message)).toEqual([])
  })
})

describe('a tool for the final answer', () => {
  test('is called at once if there is no other step, else last', async () => {
    const joke = await getMessage(emulator, ask('Tell me a joke', { tools: [...agent, final] }))
    const question = 'Read /etc/hosts and tell me a joke about it'
    const first = await getMessage(emulator, ask(question, { tools: [...agent, final] }))
    const last = await getMessage(emulator, reply(question, [...agent, final], [first, 'localhost']))
    const end = await getMessage(
      emulator,
      reply(question, [...agent, final], [first, 'localhost'], [last, 'ok']),
    )

    expect(joke.content).toMatchObject([
      { type: 'tool_use', name: 'StructuredOutput', input: { joke: expect.any(String) } },
    ])
    expect(listCalls(first)).toEqual([['Read', { file_path: '/etc/hosts' }]])
    expect(listCalls(last)).toEqual([['StructuredOutput', { joke: expect.any(String) }]])
    expect(end.stop_reason).toBe('end_turn')
  })

  test('may be described as the JSON object of the response', async () => {
    const json = tool('json', 'Respond with a JSON object.', { text: { type: 'string' } })
    const tools = { tools: [weather, json], tool_choice: { type: 'any' } }

    expect(listCalls(await getMessage(emulator, ask('Why?', tools)))).toEqual([
      ['json', { text: expect.any(String) }],
    ])
  })

  test('may be named by the system prompt', async () => {
    const answer = tool('submit_answer', 'Takes text', { text: { type: 'string' } })
    const system = 'Be brief. You must call submit_answer with your final answer.'

    expect(listCalls(await getMessage(emulator, ask('Why?', { tools: [weather, answer], system })))).toEqual([
      ['submit_answer', { text: expect.any(String) }],
    ])
    expect(listCalls(await getMessage(emulator, ask('Why?', { tools: [weather, answer] })))).toEqual([])
  })
})

test("an agent's list of tools makes none of them the final one", async () => {
  const system =
    'You MUST use the Read tool before you edit. Always use Bash with care. Use Write for new files.'
  const sources = 'You MUST include a "Sources:" section at the end of your response.'
  const search = tool('WebSearch', `Searches the web. ${sources}`, { query: { type: 'string' } })
  const message = await getMessage(emulator, ask('How are you?', { tools: [...agent, search], system }))

  expect(message.stop_reason).toBe('end_turn')
})

test('a long system prompt and many tools are handled', async () => {
  const tools = Array.from({ length: 60 }, (_, index) => ({ ...read, name: `Read${'er'.repeat(index)}` }))
  const system = tools
    .map(({ name }) => `Use the ${name} tool, and only then. `)
    .join('')
    .repeat(40)

  expect((await getMessage(emulator, ask('How are you?', { tools, system }))).stop_reason).toBe('end_turn')
})

describe('after the results', () => {
  test('the answer describes them', async () => {
    const first = await getMessage(emulator, ask('Weather in Paris?', { tools: [weather] }))
    const message = await getMessage(
      emulator,
      reply('Weather in Paris?', [weather], [first, '22 degrees and sunny']),
    )

    expect(message.stop_reason).toBe('end_turn')
    expect(message.content).toEqual([
      { type: 'text', text: expect.stringContaining('get_weather returned “22 degrees and sunny”.') },
    ])
  })

  test('a failure is described as one', async () => {
    const messages = [
      { role: 'user', content: 'Weather in Paris?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content: 'no network' }],
      },
    ]

    expect(
      JSON.stringify((await getMessage(emulator, ask('', { messages, tools: [weather] }))).content),
    ).toContain('get_weather returned the error “no network”.')
  })

  test('a reminder next to them is not a new question', async () => {
    const messages = [
      { role: 'user', content: 'Weather in Paris?' },
      { role: 'assistant', content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }] },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain' },
          {
            type: 'text',
            text: '<system-reminder>The Read tool may be used on /etc/hosts.</system-reminder>',
          },
        ],
      },
    ]
    const message = await getMessage(emulator, ask('', { messages, tools: [weather, read] }))

    expect(message.stop_reason).toBe('end_turn')
  })
})

test.each<[string, readonly unknown[]]>([
  ['before a call', [{ role: 'user', content: 'Weather in Paris?' }]],
  [
    'after its result',
    [
      { role: 'user', content: 'Weather in Paris?' },
      {
        role: 'assistant',
        content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { location: 'Paris' } }],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain all day' }] },
    ],
  ],
])('an answer that broke off %s goes on to the letter', async (_, messages) => {
  const body = ask('', { messages, tools: [weather] })
  const whole = await getMessage(emulator, body)
  const text = getText(whole)

  for (const length of [1, 5, Math.floor(text.length / 2), text.length - 1]) {
    const begun = text.slice(0, length).trimEnd()
    const rest = await getMessage(emulator, {
      ...body,
      messages: [...messages, { role: 'assistant', content: begun }],
    })

    expect(begun + getText(rest)).toBe(text)
    expect(listCalls(rest)).toEqual(listCalls(whole))
  }
})

test('a tool that is deferred, or only callable from code, is not called', async () => {
  const tools = [add, { ...weather, defer_loading: true }]
  const programs = [add, { ...weather, allowed_callers: ['code_execution_20260120'] }]
  const today = createEmulator({ asOf: '2026-11-22' })

  for (const given of [tools, programs]) {
    const body = ask('Weather in Paris?', { model: 'claude-opus-4-6', tools: given })
    expect(listCalls(await getMessage(today, body))).toEqual([])
  }
})

test('the same request makes the same calls, ids included', async () => {
  const body = ask('Weather in Paris?', { tools: [weather] })

  expect((await getMessage(emulator, body)).content).toEqual((await getMessage(emulator, body)).content)
})

function tool(
  name: string,
  description: string,
  properties: Record<string, unknown>,
  required = Object.keys(properties),
) {
  return { name, description, input_schema: { type: 'object', properties, required } }
}

/** Continues the conversation with the results of each message's calls. */
function reply(
  question: string,
  tools: readonly unknown[],
  ...turns: readonly (readonly [Message, string])[]
) {
  const messages = turns.flatMap(([{ content }, text]) => [
    { role: 'assistant', content },
    {
      role: 'user',
      content: content.flatMap((block) =>
        block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: text }] : [],
      ),
    },
  ])
  return ask('', { tools, messages: [{ role: 'user', content: question }, ...messages] })
}

function listCalls({ content }: Message): readonly unknown[] {
  return content.flatMap((block) => (block.type === 'tool_use' ? [[block.name, block.input]] : []))
}
