import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'
import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('prices token flags, line by line', async () => {
  const argv = [
    'price',
    'claude-opus-4-1',
    '--input',
    '1,000',
    '--output',
    '500',
    '--cache-read',
    '12345',
    '--web-searches',
    '3',
  ]

  expect(await run(argv)).toEqual({
    code: 0,
    err: '',
    out: [
      'Claude Opus 4.1  claude-opus-4-1-20250805, rate card claude-opus-4-1/2025-08-05',
      '  input        1,000  tokens    $15.00  / MTok  $0.0150000',
      '  cache read  12,345  tokens     $1.50  / MTok  $0.0185175',
      '  output         500  tokens    $75.00  / MTok  $0.0375000',
      '  web search       3  requests   $0.01  each    $0.0300000',
      '  total                                         $0.1010175',
      '',
    ].join('\n'),
  })
})

test('prints money as strings in JSON', async () => {
  const argv = [
    'price',
    'claude-3-haiku-20240307',
    '--cache-write-5m',
    '11',
    '--cache-write-1h',
    '7',
    '--web-searches',
    '1',
    '--json',
  ]

  const { code, out } = await run(argv)

  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({
    model: 'claude-3-haiku-20240307',
    rate_card: 'claude-3-haiku/2024-03-07',
    lines: [
      { component: 'input', quantity: 0, unit: 'token', usd_per_mtok: '0.25', cost_usd: '0.00' },
      {
        component: 'cache_write_5m',
        quantity: 11,
        unit: 'token',
        usd_per_mtok: '0.30',
        cost_usd: '0.0000033',
      },
      {
        component: 'cache_write_1h',
        quantity: 7,
        unit: 'token',
        usd_per_mtok: '0.50',
        cost_usd: '0.0000035',
      },
      { component: 'output', quantity: 0, unit: 'token', usd_per_mtok: '1.25', cost_usd: '0.00' },
      { component: 'web_search', quantity: 1, unit: 'request', usd_per_unit: '0.01', cost_usd: '0.01' },
    ],
    modifiers: [],
    total_usd: '0.0100068',
  })
})

test('prices a piped usage', async () => {
  const input = '{"input_tokens": 100000, "cache_read_input_tokens": 100001, "output_tokens": 10}'

  for (const argv of [
    ['price', 'claude-sonnet-4-0'],
    ['price', 'claude-sonnet-4-0', '-'],
    ['price', '-', 'claude-sonnet-4-0'],
  ]) {
    // Above 200,000: 100,000 x $6 + 100,001 x $0.60 + 10 x $22.50 per million.
    expect(JSON.parse((await run([...argv, '--json'], { input })).out)).toMatchObject({
      total_usd: '0.6602256',
    })
  }
})

test('prices a whole answer by its own model', async () => {
  const input = JSON.stringify({
    type: 'message',
    model: 'claude-3-5-haiku-20241022',
    usage: { input_tokens: 10, output_tokens: 1 },
  })

  const [own, other] = [
    await run(['price', '--json'], { input }),
    await run(['price', 'Opus 4', '--json'], { input }),
  ]

  expect(JSON.parse(own.out)).toMatchObject({ model: 'claude-3-5-haiku-20241022', total_usd: '0.000012' })
  expect(JSON.parse(other.out)).toMatchObject({ model: 'claude-opus-4-20250514', total_usd: '0.000225' })
})

test('exits with 1 if the price is not known', async () => {
  const { code, out, err } = await run(['price', 'claude-opus-4-1'], {
    input: '{"service_tier":"flex","input_tokens":1}',
  })

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('unknown price: no price for service_tier "flex"')
})

test('has no price before the release of the model', async () => {
  const { code, err } = await run(['price', 'claude-opus-4-1', '--input', '1', '--as-of', '2025-08-04'])

  expect(code).toBe(1)
  expect(err).toContain('2025-08-04')
})

test('exits with 1 for an unknown model', async () => {
  const { code, err } = await run(['price', 'claude-opus-5-7', '--input', '1'])

  expect(code).toBe(1)
  expect(err).toContain('there is no model "claude-opus-5-7"')
})

test.each([
  [['price'], undefined, 'price needs a model'],
  [['price', 'claude-opus-4-1'], undefined, 'price needs token counts or a file'],
  [['price', '--input', '5'], undefined, 'price needs a model'],
  [['price', 'claude-opus-4-1', '--input', '-5'], undefined, '--input must be a whole number, not "-5"'],
  [['price', 'claude-opus-4-1', '--input=-5'], undefined, '--input must be a whole number, not "-5"'],
  [['price', 'claude-opus-4-1', '--input', '1.5'], undefined, '--input must be a whole number, not "1.5"'],
  [['price', 'claude-opus-4-1', '--output', '9'.repeat(17)], undefined, '--output must be a whole number'],
  [['price', 'claude-opus-4-1', '--input', '1', '-'], '{}', 'counts come from flags or from a file'],
  [['price', 'claude-opus-4-1', 'claude-opus-4-0'], '{}', 'price needs exactly one model'],
  [['price', 'claude-opus-4-1'], '', 'price needs token counts or a file'],
  [['price', 'claude-opus-4-1'], '[1]', 'standard input contains no usage and no request'],
  [['price', 'claude-opus-4-1'], '{"usage":7}', 'standard input contains no usage and no request'],
  [['price', 'claude-opus-4-1'], '{"input_tokens":-1}', 'input_tokens is not a non-negative whole number'],
  [['price'], '{"input_tokens":1}', 'price needs a model'],
])('reports %j with input %j as wrong use', async (argv, input, problem) => {
  const { code, out, err } = await run(argv, input === undefined ? {} : { input })

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
})

test('halves the price in a batch, and adds 10 % in a region of Bedrock from the 4.5 generation on', async () => {
  const argv = ['price', 'claude-opus-4-5', '--input', '1000', '--output', '20', '--json']
  const [batch, regional, both, older] = [
    await run([...argv, '--batch']),
    await run([...argv, '--platform', 'bedrock', '--region', 'eu-west-1']),
    await run([...argv, '--batch', '--platform', 'bedrock', '--region', 'eu-west-1']),
    await run([
      'price',
      'claude-opus-4-1',
      '--input',
      '1000',
      '--platform',
      'bedrock',
      '--region',
      'x',
      '--json',
    ]),
  ]

  // Opus 4.5: $5 in, $25 out. 1,000 x 5 + 20 x 25 = 5,500 per million.
  expect(JSON.parse(batch.out)).toMatchObject({ total_usd: '0.00275', modifiers: ['batch'] })
  expect(JSON.parse(regional.out)).toMatchObject({ total_usd: '0.00605', modifiers: ['regional'] })
  expect(JSON.parse(both.out)).toMatchObject({ total_usd: '0.003025' })
  expect(JSON.parse(older.out)).toMatchObject({ total_usd: '0.015', modifiers: [] })
})

test('prices fast mode and inference in the US from flags', async () => {
  const fast = await run([
    'price',
    'claude-opus-5-5',
    '--input',
    '1000',
    '--fast',
    '--as-of',
    '2026-11-22',
    '--json',
  ])
  const us = await run([
    'price',
    'claude-opus-5-5',
    '--input',
    '1000',
    '--geo',
    'us',
    '--as-of',
    '2026-11-22',
  ])

  expect(JSON.parse(fast.out)).toMatchObject({ total_usd: '0.008' })
  expect(us.out).toContain('$4.40  / MTok  $0.0044')
  expect(us.out).toContain('Price modifiers: US inference.')
})

test('prints the minimum and maximum cost of a request', async () => {
  const folder = temporaryFolder()
  const body = { model: 'claude-haiku-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] }
  writeFileSync(join(folder, 'request.json'), JSON.stringify(body))

  const { code, out } = await run(['price', 'request.json', '--json', '--as-of', '2026-11-22'], {
    cwd: folder,
  })
  const quoted = JSON.parse(out) as Record<string, unknown>

  expect(code).toBe(0)
  expect(quoted).toMatchObject({ model: 'claude-haiku-4-5-20251001', output_tokens: { low: 1, high: 100 } })
  // At least one token each way at $1 and $5; at most 100 tokens out and a prompt no longer than its bytes.
  expect(quoted['low_usd']).toBe('0.000006')
  expect(Number(quoted['high_usd'])).toBeGreaterThan(0.0005)
  expect(Number(quoted['high_usd'])).toBeLessThan(0.0007)
})

test('sums a transcript by model, each line at the prices of its own day', async () => {
  const usage = { input_tokens: 10, cache_read_input_tokens: 1_000_000, output_tokens: 5 }
  const line = (id: string, timestamp: string) =>
    JSON.stringify({ type: 'assistant', timestamp, message: { id, model: 'claude-sonnet-5-5', usage } })
  const input = [
    '{"type":"user","message":{"role":"user","content":"hi"}}',
    line('msg_1', '2026-10-06T23:59:59Z'),
    line('msg_2', '2026-10-07T00:00:00Z'),
    line('msg_2', '2026-10-07T00:00:01Z'),
    '{"id":"msg_3","model":"claude-opus-4-1","usage":{"input_tokens":2,"output_tokens":1}}',
    '{"custom_id":"x","result":{"type":"succeeded","message":{"id":"msg_4","model":"claude-opus-4-1","usage":{"input_tokens":2,"output_tokens":1}}}}',
    '{"type":"assi',
  ].join('\n')

  const { code, out } = await run(['price', '-', '--json'], { input })

  expect(code).toBe(0)
  // Sonnet 5.5: 10 x 2 + 5 x 10 = 70 per million, and a cache read at 0.20, from 2026-10-07 on at 0.10.
  // Opus 4.1: 2 x 15 + 1 x 75 = 105 per million, and the same in a batch at half the price.
  expect(JSON.parse(out)).toMatchObject({
    models: [
      { model: 'claude-opus-4-1-20250805', answers: 2, cost_usd: '0.0001575' },
      { model: 'claude-sonnet-5-5', answers: 2, cost_usd: '0.30014', quantities: { cache_read: 2_000_000 } },
    ],
    total_usd: '0.3002975',
    repeated: 1,
    skipped: 1,
    unpriced: [],
  })
})

test('exits with 1 for an incompletely priced transcript, and lists the reasons', async () => {
  const input = [
    '{"model":"claude-opus-4-1","usage":{"input_tokens":1000}}',
    '{"model":"gpt-4","usage":{"input_tokens":1}}',
    '{"usage":{"input_tokens":1}}',
  ].join('\n')

  const { code, out } = await run(['price', '-'], { input })

  expect(code).toBe(1)
  expect(out).toContain('1 without a price, not in the sums: there is no model "gpt-4".')
  expect(out).toContain('1 without a price, not in the sums: it has no model.')
  expect(out).toMatch(/^total +1 +1,000 .* \$0\.015$/m)
})

test('reads the argument as a file if it exists', async () => {
  const { code, err } = await run(['price', 'nowhere.json'], { cwd: temporaryFolder() })

  expect(code).toBe(2)
  expect(err).toContain('there is no file nowhere.json')
})

const day = ['--as-of', '2026-11-22', '--json']
const million = ['--input', '1000000', '--output', '1000000']

test.each([
  ['us.anthropic.claude-opus-5', [], '33.00'],
  ['global.anthropic.claude-opus-5', [], '30.00'],
  ['global.anthropic.claude-opus-5', ['--region', 'eu-west-1'], '30.00'],
  ['claude-opus-5', ['--platform', 'bedrock', '--region', 'eu-west-1'], '33.00'],
  ['claude-opus-5', [], '30.00'],
  ['us.anthropic.claude-opus-5', ['--platform', 'anthropic'], '30.00'],
])('a million tokens each of %s with %j cost $%s', async (name, flags, total) => {
  const { out } = await run(['price', name, ...million, ...flags, ...day])

  expect(JSON.parse(out)).toMatchObject({ total_usd: total })
})

test('names the regional endpoint as the reason of a higher price', async () => {
  const { out } = await run(['price', 'eu.anthropic.claude-opus-5', ...million, '--as-of', '2026-11-22'])

  expect(out).toContain('Price modifiers: regional endpoint.')
})

test('prices each line of a transcript by the endpoint of its model', async () => {
  const line = (model: string) =>
    JSON.stringify({ message: { model, usage: { input_tokens: 1_000_000, output_tokens: 0 } } })
  const names = ['eu.anthropic.claude-opus-5', 'global.anthropic.claude-opus-5', 'claude-opus-5']
  const { out } = await run(['price', ...day], { input: names.map(line).join('\n') })

  expect(JSON.parse(out)).toMatchObject({ total_usd: '15.50' })
})

test('prices a Converse answer, which has no model, by the given one', async () => {
  const input = JSON.stringify({
    output: { message: { role: 'assistant', content: [{ text: 'Hi' }] } },
    stopReason: 'end_turn',
    usage: { inputTokens: 1_000_000, outputTokens: 1_000_000, totalTokens: 2_000_000 },
  })
  const cost = async (...words: readonly string[]) =>
    JSON.parse((await run(['price', ...words, ...day], { input })).out) as unknown

  expect(await cost('claude-opus-5')).toMatchObject({ total_usd: '30.00' })
  expect(await cost('eu.anthropic.claude-opus-5')).toMatchObject({ total_usd: '33.00' })
  // Converse is an API of Bedrock, so a region decides.
  expect(await cost('claude-opus-5', '--region', 'eu-west-1')).toMatchObject({ total_usd: '33.00' })
})

test('prices a chat completion by its own model', async () => {
  const input = JSON.stringify({
    object: 'chat.completion',
    model: 'claude-opus-5',
    usage: { prompt_tokens: 1_000_000, completion_tokens: 1_000_000, total_tokens: 2_000_000 },
  })

  expect(JSON.parse((await run(['price', ...day], { input })).out)).toMatchObject({ total_usd: '30.00' })
})

test.each([
  ['counts alone', { inputBodyJson: {}, inputTokenCount: 1_000_000 }, { outputTokenCount: 1_000_000 }],
  [
    'a logged answer of InvokeModel',
    { inputTokenCount: 1_000_000 },
    {
      outputTokenCount: 1_000_000,
      outputBodyJson: { type: 'message', usage: { input_tokens: 1_000_000, output_tokens: 1_000_000 } },
    },
  ],
  [
    'a logged stream',
    { inputTokenCount: 1_000_000 },
    {
      outputTokenCount: 1_000_000,
      outputBodyJson: [
        { type: 'message_start', message: { usage: { input_tokens: 1_000_000, output_tokens: 1 } } },
        { type: 'message_delta', usage: { output_tokens: 1_000_000 } },
      ],
    },
  ],
])('prices a record of the invocation log of Bedrock with %s', async (_, request, answer) => {
  const record = {
    schemaType: 'ModelInvocationLog',
    schemaVersion: '1.0',
    timestamp: '2026-11-20T10:00:00Z',
    region: 'eu-west-1',
    operation: 'InvokeModel',
    modelId: 'arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude-opus-5',
    input: request,
    output: answer,
  }

  expect(JSON.parse((await run(['price', '--json'], { input: JSON.stringify(record) })).out)).toMatchObject({
    model: 'claude-opus-5',
    total_usd: '33.00',
  })
})

test.each([
  [
    'server-sent events',
    (events: readonly object[]) =>
      events.map((each) => `event: x\ndata: ${JSON.stringify(each)}\n\n`).join(''),
  ],
  ['JSON lines', (events: readonly object[]) => events.map((each) => JSON.stringify(each)).join('\n')],
  ['an array', (events: readonly object[]) => JSON.stringify(events)],
])('counts a stream once, saved as %s', async (_, save) => {
  const events = [
    {
      type: 'message_start',
      message: { id: 'msg_1', model: 'claude-opus-5', usage: { input_tokens: 1_000_000, output_tokens: 3 } },
    },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' } },
    { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1_000_000 } },
    { type: 'message_stop' },
  ]
  const { code, out } = await run(['price', ...day], { input: save(events) })

  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ total_usd: '30.00' })
})

test('prices a stream of chat completions by its last chunk', async () => {
  const chunk = (usage: object | null) => ({
    object: 'chat.completion.chunk',
    id: 'c',
    model: 'claude-opus-5',
    usage,
  })
  const input = [chunk(null), chunk({ prompt_tokens: 1_000_000, completion_tokens: 1_000_000 })]
    .map((each) => `data: ${JSON.stringify(each)}\n\n`)
    .join('')

  expect(JSON.parse((await run(['price', ...day], { input: `${input}data: [DONE]\n\n` })).out)).toMatchObject(
    {
      total_usd: '30.00',
    },
  )
})

test.each([
  ['{"usage":{}}', 'it is empty'],
  ['{"usage":{"tokens":12}}', 'it has tokens'],
  ['{"usage":{"inputTokens":1},"serviceTier":{"type":"priority"}}', 'serviceTier "priority"'],
  ['{"usage":{"inputTokens":1},"performanceConfig":{"latency":"optimized"}}', 'latency "optimized"'],
])('exits with 1 instead of a price of zero for %s', async (input, problem) => {
  const { code, out, err } = await run(['price', 'claude-opus-5'], { input })

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain(problem)
})

test('leaves a line without a count out of the sum, and exits with 1', async () => {
  const input = [
    { model: 'claude-opus-5', usage: { input_tokens: 1_000_000, output_tokens: 0 } },
    { model: 'claude-opus-5', usage: {} },
  ]
  const { code, out } = await run(['price', ...day], { input: JSON.stringify(input) })

  expect(code).toBe(1)
  expect(JSON.parse(out)).toMatchObject({
    total_usd: '5.00',
    unpriced: [{ because: expect.stringContaining('usage has no count'), count: 1 }],
  })
})

test('estimates a Converse request and a chat request like the same Messages request', async () => {
  const content = 'How are you?'
  const requests = [
    { model: 'claude-opus-5', max_tokens: 100, messages: [{ role: 'user', content }] },
    { model: 'claude-opus-5', max_completion_tokens: 100, messages: [{ role: 'user', content }] },
    {
      modelId: 'global.anthropic.claude-opus-5',
      inferenceConfig: { maxTokens: 100 },
      messages: [{ role: 'user', content: [{ text: content }] }],
    },
  ]
  const highs = await Promise.all(
    requests.map(async (request) => {
      const { out } = await run(['price', '-', ...day], { input: JSON.stringify(request) })
      return (JSON.parse(out) as { output_tokens: object }).output_tokens
    }),
  )

  expect(highs).toEqual([1, 2, 3].map(() => ({ low: 1, high: 100 })))
})

test('bounds a Converse request in a region at the regional price', async () => {
  const body = {
    modelId: 'claude-opus-5',
    inferenceConfig: { maxTokens: 100 },
    messages: [{ role: 'user', content: [{ text: 'How are you?' }] }],
  }
  const high = async (...flags: readonly string[]) => {
    const { out } = await run(['price', '-', ...flags, ...day], { input: JSON.stringify(body) })
    return Number((JSON.parse(out) as { high_usd: string }).high_usd)
  }

  expect(await high('--region', 'eu-west-1')).toBeCloseTo((await high()) * 1.1, 9)
})

test('prices a chat completion of a gateway by the endpoint in the name of its model', async () => {
  const input = JSON.stringify({
    model: 'bedrock/us.anthropic.claude-opus-5',
    usage: { prompt_tokens: 1_000_000, completion_tokens: 0 },
  })

  expect(JSON.parse((await run(['price', ...day], { input })).out)).toMatchObject({ total_usd: '5.50' })
})

test('bounds a request with the long window that the name requests, alone and in a list', async () => {
  const content = 'tea '.repeat(260_000)
  const estimate = async (model: string, asList: boolean) => {
    const body = { model, max_tokens: 1, messages: [{ role: 'user', content }] }
    const input = JSON.stringify(asList ? [body, body] : body)
    return JSON.parse((await run(['price', '-', '--as-of', '2025-09-01', '--json'], { input })).out)
  }
  const [usual, wide] = ['claude-sonnet-4-0', 'claude-sonnet-4-0[1m]']

  // 200,000 x $3, or 1,000,000 x $6 per million, and one token of output at $15 or $22.50.
  expect(await estimate(usual, false)).toMatchObject({ high_usd: '0.600015' })
  expect(await estimate(wide, false)).toMatchObject({ high_usd: '6.0000225' })
  expect(await estimate(wide, true)).toMatchObject({ models: [{ requests_high_usd: '12.000045' }] })
})
