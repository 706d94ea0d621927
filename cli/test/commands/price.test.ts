import { expect, test } from 'vitest'
import { run } from '../console.ts'

test('prices the counts of flags, line by line', async () => {
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
    total_usd: '0.0100068',
  })
})

test('prices a usage that is piped in', async () => {
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

test('prices a whole answer by the model it names', async () => {
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

test('answers no where the price is not known', async () => {
  const { code, out, err } = await run(['price', 'claude-opus-4-1'], {
    input: '{"service_tier":"batch","input_tokens":1}',
  })

  expect({ code, out }).toEqual({ code: 1, out: '' })
  expect(err).toContain('unknown price: no price for service_tier "batch"')
})

test('knows no price before the model was there', async () => {
  const { code, err } = await run(['price', 'claude-opus-4-1', '--input', '1', '--as-of', '2025-08-04'])

  expect(code).toBe(1)
  expect(err).toContain('2025-08-04')
})

test('answers no to an unknown model', async () => {
  const { code, err } = await run(['price', 'claude-opus-5-7', '--input', '1'])

  expect(code).toBe(1)
  expect(err).toContain('no model is called "claude-opus-5-7"')
})

test.each([
  [['price'], undefined, 'the price of which model?'],
  [['price', 'claude-opus-4-1'], undefined, 'the price of how much?'],
  [['price', '--input', '5'], undefined, 'the price of which model?'],
  [['price', 'claude-opus-4-1', '--input', '-5'], undefined, "Option '--input' argument is ambiguous"],
  [['price', 'claude-opus-4-1', '--input=-5'], undefined, '--input takes a count, not "-5"'],
  [['price', 'claude-opus-4-1', '--input', '1.5'], undefined, '--input takes a count, not "1.5"'],
  [['price', 'claude-opus-4-1', '--output', '9'.repeat(17)], undefined, '--output takes a count'],
  [['price', 'claude-opus-4-1', '--input', '1', '-'], '{}', 'counts come from flags or from standard input'],
  [['price', 'claude-opus-4-1', 'claude-opus-4-0'], '{}', 'one model at a time'],
  [['price', 'claude-opus-4-1'], '', 'standard input is not JSON'],
  [['price', 'claude-opus-4-1'], '[1]', 'standard input is not an object'],
  [['price', 'claude-opus-4-1'], '{"usage":7}', 'usage is not an object'],
  [['price', 'claude-opus-4-1'], '{"input_tokens":-1}', 'input_tokens is not a non-negative whole number'],
  [['price'], '{"input_tokens":1}', 'the price of which model?'],
])('calls %j with input %j wrong use', async (argv, input, problem) => {
  const { code, out, err } = await run(argv, input === undefined ? {} : { input })

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
})
