import { describe, expect, test } from 'vitest'

import { ask, createFolder, protocols, record, replay, send } from './rig.ts'
import type { Call } from './rig.ts'

const weatherTool = (description: string) => ({
  name: 'get_weather',
  description,
  input_schema: { type: 'object', properties: { city: { type: 'string' } } },
})

describe('a recording survives', () => {
  const recorded = ask('What is the weather?', {
    system: 'You are a helpful assistant. Today is Monday.',
    tools: [weatherTool('Gets the weather.')],
  })

  test.each<[string, Call, string | null]>([
    [
      'another key, other headers and sampling',
      withMembers(recorded, { temperature: 0.5, max_tokens: 300, metadata: { user_id: 'ann' } }),
      null,
    ],
    [
      'an edited system prompt, with a notice',
      withMembers(recorded, { system: 'Be brief. Today is Tuesday.' }),
      'system_hash',
    ],
    [
      'an edited description of a tool, with a notice',
      withMembers(recorded, { tools: [weatherTool('Weather, by city.')] }),
      'tools_hash',
    ],
    [
      'marks of the prompt cache',
      withMembers(recorded, { system: [{ type: 'text', text: 'x', cache_control: { type: 'ephemeral' } }] }),
      'system_hash',
    ],
    [
      'the text in a block, with a reminder of an agent',
      withMembers(recorded, {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: '<system-reminder>Tasks: 3</system-reminder>' },
              { type: 'text', text: 'What is the weather?\n' },
            ],
          },
        ],
      }),
      null,
    ],
    ['another spelling of the model', withMembers(recorded, { model: 'claude-sonnet-4-5-20250929' }), null],
    [
      'a system message in the conversation, with a notice',
      withMembers(recorded, {
        messages: [
          { role: 'user', content: 'What is the weather?' },
          { role: 'system', content: 'Today is Tuesday.' },
        ],
      }),
      'system_hash',
    ],
  ])('%s', async (_, call, field) => {
    const folder = createFolder()
    const answer = await send(await record(folder), recorded)
    const replayed = await send(await replay(folder), {
      ...call,
      headers: { ...call.headers, 'x-api-key': 'other', 'user-agent': 'test/2' },
    })

    expect(replayed.bytes.equals(answer.bytes)).toBe(true)
    if (field === null) expect(replayed.notice).toBeNull()
    else expect(replayed.notice).toContain(`exchange 1: ${field}: the `)
  })

  test('and with `exact` it does not', async () => {
    const folder = createFolder()
    await send(await record(folder), recorded)
    const replayed = await send(
      await replay(folder, { match: 'exact' }),
      withMembers(recorded, { system: 'Be brief.' }),
    )

    expect(replayed.status).toBe(400)
    expect(replayed.text).toContain('system_hash: the system prompt differs from the recording')
  })

  test('of two recordings with the same question, the one with the same system prompt answers', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const german = withMembers(recorded, {
      system: 'Answer in German.',
      stop_sequences: ['x'],
      max_tokens: 5,
    })
    const [first, second] = [await send(proxy, recorded), await send(proxy, german)]
    const player = await replay(folder)

    expect((await send(player, german)).text).toBe(second.text)
    expect((await send(player, recorded)).text).toBe(first.text)
    expect(second.text).not.toBe(first.text)
  })

  test.each(protocols.filter(([name]) => !name.includes('streamed')))(
    '%s: of two recordings with the same question, the one with the same output schema answers',
    async (name, create) => {
      const folder = createFolder()
      const proxy = await record(folder)
      const fill = (member: string) => withMembers(create('Fill the form.'), requireMember(name, member))
      const [first, second] = [await send(proxy, fill('city')), await send(proxy, fill('color'))]
      const player = await replay(folder)

      expect((await send(player, fill('color'))).text).toBe(second.text)
      expect((await send(player, fill('city'))).text).toBe(first.text)
      expect(second.text).not.toBe(first.text)
      expect((await send(player, fill('size'))).notice).toContain('the required form of the answer')
      const exact = await replay(folder, { match: 'exact' })
      expect((await send(exact, fill('size'))).status).toBe(400)
    },
  )
})

/** The members of a request, in the form of its protocol, that require an object with one member. */
function requireMember(protocol: string, member: string): Readonly<Record<string, unknown>> {
  const properties = { [member]: { type: 'string' } }
  const schema = { type: 'object', properties, required: [member], additionalProperties: false }
  if (protocol === 'openai')
    return { response_format: { type: 'json_schema', json_schema: { name: 'form', schema } } }
  const structure = { jsonSchema: { schema: JSON.stringify(schema), name: 'form' } }
  if (protocol === 'bedrock converse')
    return { outputConfig: { textFormat: { type: 'json_schema', structure } } }
  return { output_config: { format: { type: 'json_schema', schema } } }
}

describe('a miss', () => {
  test.each(protocols)(
    '%s: names the nearest recording and what differs, in the shape of the protocol',
    async (_, create) => {
      const folder = createFolder()
      const proxy = await record(folder)
      await send(proxy, create('An earlier question'))
      await send(proxy, create('What is the weather in Lisbon?'))
      await send(proxy, create('A question that was recorded later'))
      await send(proxy, ask('Something else', { system: 'Long.', tools: [weatherTool('x')] }))
      const miss = await send(await replay(folder), create('What is the weather in Porto?'))
      const { error, message } = JSON.parse(miss.text) as { error?: { message: string }; message?: string }

      expect(miss.status).toBe(400)
      expect(error?.message ?? message).toMatch(
        /^No recording matches this request\. The nearest is what-is-the-weather-in-lisbon-[0-9a-f]{8}\.yaml, exchange 1: last_user is "What is the weather in Porto\?", recorded "What is the weather in Lisbon\?"\.$/,
      )
    },
  )

  test.each<[string, Record<string, unknown>, string]>([
    [
      'another model',
      { model: 'claude-opus-4-1' },
      'model is "claude-opus-4-1-20250805", recorded "claude-sonnet-4-5-20250929"',
    ],
    ['a stream in place of a whole answer', { stream: true }, 'stream is true, recorded false'],
    ['other tools', { tools: [weatherTool('x')] }, 'tools is ["get_weather"], recorded missing'],
    [
      'another turn',
      {
        messages: [
          { role: 'user', content: 'Hi' },
          { role: 'assistant', content: 'Hi!' },
          { role: 'user', content: 'Hello!' },
        ],
      },
      'turn is 1, recorded 0. With the match mode loose it is not compared.',
    ],
    [
      'another image',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'Hello!' },
              { type: 'image', source: { type: 'url', url: 'https://a.test/b.png' } },
            ],
          },
        ],
      },
      'media_hash: the images, documents or search results differ from the recording',
    ],
    [
      'other search results',
      {
        messages: [
          {
            role: 'user',
            content: [
              {
                type: 'search_result',
                source: 'https://a.test',
                title: 'A',
                content: [{ type: 'text', text: 'a' }],
              },
              { type: 'text', text: 'Hello!' },
            ],
          },
        ],
      },
      'media_hash: the images, documents or search results differ from the recording',
    ],
    [
      'a given beginning of the answer',
      {
        messages: [
          { role: 'user', content: 'Hello!' },
          { role: 'assistant', content: 'Oh' },
        ],
      },
      'prefill is "Oh", recorded missing',
    ],
  ])('names %s', async (_, members, difference) => {
    const folder = createFolder()
    await send(await record(folder), ask('Hello!'))
    const miss = await send(await replay(folder), withMembers(ask('Hello!'), members))

    expect(miss.status).toBe(400)
    expect(miss.text.replaceAll('\\"', '"')).toContain(difference)
  })

  test('is not retried: SDKs read the header, and the journal names no recording', async () => {
    const player = await replay(createFolder())
    const response = await fetch(`${player.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(ask('Hello!').body),
    })

    expect([response.status, response.headers.get('x-should-retry')]).toEqual([400, 'false'])
    expect(player.emulator.requests[0]).toMatchObject({ isUnmatched: true, rule: null })
    expect(() => player.emulator.verify()).toThrow('/v1/messages: No recording matches this request')
  })
})

describe('an agent', () => {
  const call = {
    role: 'assistant',
    content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: {} }],
  }
  const result = (id: string, text: unknown) => ({
    role: 'user',
    content: [{ type: 'tool_result', tool_use_id: id, content: text }],
  })
  const start = { role: 'user', content: 'Weather?' }
  const step = (messages: readonly unknown[]) => withMembers(ask(''), { messages, tools: [weatherTool('x')] })

  test('gets each turn of its loop, and its results of tools are compared', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const first = await send(proxy, step([start]))
    const second = await send(proxy, step([start, call, result('toolu_1', 'rain')]))
    const player = await replay(folder)

    expect((await send(player, step([start]))).text).toBe(first.text)
    expect((await send(player, step([start, call, result('toolu_1', 'rain')]))).text).toBe(second.text)
    const miss = await send(player, step([start, call, result('toolu_1', 'sun')]))
    expect(miss.text.replaceAll('\\"', '"')).toContain(
      'tool_results is [{"tool":"get_weather","text":"sun"}], recorded [{"tool":"get_weather","text":"rain"}]',
    )
  })

  test('gets no recording of another image that a tool returned', async () => {
    const folder = createFolder()
    const image = (url: string) => [{ type: 'image', source: { type: 'url', url } }]
    const shown = (url: string) => step([start, call, result('toolu_1', image(url))])
    const recorded = await send(await record(folder), shown('https://a.test/rain.png'))
    const player = await replay(folder)

    expect((await send(player, shown('https://a.test/rain.png'))).text).toBe(recorded.text)
    expect((await send(player, shown('https://a.test/sun.png'))).text).toContain('tool_results is')
    const loose = await replay(folder, { match: 'loose' })
    expect((await send(loose, shown('https://a.test/sun.png'))).text).toBe(recorded.text)
  })

  test('gets no recording of another image that a tool returned by Converse', async () => {
    const folder = createFolder()
    const shown = (bytes: string): Call => ({
      path: '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse',
      body: {
        messages: [
          { role: 'user', content: [{ text: 'Weather?' }] },
          {
            role: 'assistant',
            content: [{ toolUse: { toolUseId: 'tooluse_1', name: 'get_weather', input: {} } }],
          },
          {
            role: 'user',
            content: [
              {
                toolResult: {
                  toolUseId: 'tooluse_1',
                  content: [{ json: { sky: 'seen' } }, { image: { format: 'png', source: { bytes } } }],
                },
              },
            ],
          },
        ],
      },
    })
    await send(await record(folder), shown('AAAA'))

    const miss = await send(await replay(folder), shown('BBBB'))
    expect(miss.text).toContain('tool_results is')
    expect(miss.text).toContain('seen')
  })

  test('ids of calls do not matter, and with `loose` neither do live results or a compacted history', async () => {
    const folder = createFolder()
    const recorded = await send(await record(folder), step([start, call, result('toolu_1', 'rain')]))
    const renamed = {
      role: 'assistant',
      content: [{ type: 'tool_use', id: 'toolu_9', name: 'get_weather', input: {} }],
    }
    const strict = await replay(folder)
    const loose = await replay(folder, { match: 'loose' })
    const live = await send(loose, step([start, renamed, result('toolu_9', 'sun')]))

    expect((await send(strict, step([start, renamed, result('toolu_9', 'rain')]))).text).toBe(recorded.text)
    expect(live.text).toBe(recorded.text)
    expect(live.notice).toContain('tool_results is')
  })
})

describe('the same request again', () => {
  test('gets its recordings in order, then the last one', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const one = await send(proxy, ask('Again?', { max_tokens: 5 }))
    const two = await send(proxy, ask('Again?', { max_tokens: 9 }))
    const player = await replay(folder)
    const texts = []
    for (let time = 0; time < 3; time += 1) texts.push((await send(player, ask('Again?'))).text)

    expect(texts).toEqual([one.text, two.text, two.text])
    player.emulator.reset()
    expect((await send(player, ask('Again?'))).text).toBe(one.text)
  })

  test('and recordings that answered nothing are listed', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    await send(proxy, ask('Used?'))
    await send(proxy, ask('Unused?'))
    const player = await replay(folder)
    await send(player, ask('Used?'))

    expect(player.emulator.unusedRecordings).toEqual([
      expect.stringMatching(/^unused-[0-9a-f]{8}\.yaml, exchange 1$/),
    ])
    expect(player.emulator.requests[0]?.rule).toMatch(/^recording used-[0-9a-f]{8}\.yaml, exchange 1$/)
    expect(() => player.emulator.verify()).not.toThrow()
  })

  test('or an error, where that is chosen', async () => {
    const folder = createFolder()
    await send(await record(folder), ask('Once?'))
    const player = await replay(folder, { exhausted: 'fail' })
    await send(player, ask('Once?'))
    const again = await send(player, ask('Once?'))

    expect(again.status).toBe(400)
    expect(again.text).toContain('The only recording of this request has already been played.')
  })
})

function withMembers({ body, ...call }: Call, members: Readonly<Record<string, unknown>>): Call {
  return { ...call, body: { ...(body as object), ...members } }
}
