import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { startTarget } from './rig.ts'
import type { Target } from './rig.ts'
import { createClient, createNewestClient, toFailure, newestSdk, sdks, getWireError } from './sdks.ts'

/** USD per million tokens, input and output, as the table "Batch processing" printed them in August 2025. */
const batchPrices: Readonly<Record<string, readonly [string, string]>> = {
  'claude-opus-4-1-20250805': ['7.50', '37.50'],
  'claude-sonnet-4-20250514': ['1.50', '7.50'],
  'claude-3-5-haiku-20241022': ['0.40', '2'],
  'claude-3-haiku-20240307': ['0.125', '0.625'],
}

describe.each(['gateway with emulator', 'gateway to process'] as const)('%s', (way) => {
  let target: Target
  let otherKey: string

  beforeEach(async () => {
    target = await startTarget(way)
    onTestFinished(() => target.close())
    otherKey = String(target.otherKey)
  })

  describe.each(sdks)('$name', (sdk) => {
    test('a batch costs its results once, at batch prices, even if they are read again', async () => {
      const { batches } = createClient(sdk, target).messages
      const { id } = await batches.create({
        requests: [...Object.keys(batchPrices).map((model) => item(model)), refusedItem],
      })

      const results = await toList(await batches.results(id))
      const rows = target.calls()
      await toList(await batches.results(id))

      expect(results).toHaveLength(Object.keys(batchPrices).length + 1)
      const succeeded = results.flatMap(({ custom_id: name, result }) =>
        result.type === 'succeeded' ? [{ name, message: result.message }] : [],
      )
      const expected = succeeded.map(({ name, message }) => ({
        id: `${id}/${name}`,
        key_id: 'local',
        protocol: 'batches',
        model: message.model,
        outcome: 'answered',
        cost_nano_usd: computeCost(message),
      }))
      expect(expected.map(({ model }) => model).toSorted()).toEqual(Object.keys(batchPrices).toSorted())
      expect(rows).toHaveLength(expected.length)
      expect(rows).toEqual(expect.arrayContaining(expected.map((row) => expect.objectContaining(row))))
      expect(target.calls()).toEqual(rows)
    })

    test('another key can neither see nor change a batch', async () => {
      const own = createClient(sdk, target).messages.batches
      const others = createClient(sdk, { ...target, key: otherKey }).messages.batches
      const { id } = await own.create({ requests: [item('claude-opus-4-1-20250805')] })

      const failures = await Promise.all(
        [others.retrieve(id), others.results(id), others.cancel(id), others.delete(id)].map(toFailure),
      )
      const listed = await toList(others.list())

      for (const failure of failures) expect(failure).toBeInstanceOf(sdk.Anthropic.NotFoundError)
      expect(listed).toEqual([])
      expect((await own.retrieve(id)).processing_status).toBe('ended')
      expect(await toList(own.list())).toHaveLength(1)
    })
  })

  test('another key can neither see a file nor use it in a message', async () => {
    const own = createNewestClient(target)
    const others = createNewestClient({ ...target, key: otherKey })
    const file = new File(['The sea is green today.'], 'notes.txt', { type: 'text/plain' })
    const { id } = await own.files.upload({ file })
    const asking = {
      model: 'claude-opus-4-5',
      max_tokens: 100,
      messages: [
        {
          role: 'user' as const,
          content: [{ type: 'document' as const, source: { type: 'file' as const, file_id: id } }],
        },
      ],
    }

    const failures = await Promise.all([
      toFailure(others.files.retrieveMetadata(id)),
      toFailure(others.files.download(id)),
      toFailure(others.files.delete(id)),
      toFailure(others.messages.create(asking)),
    ])
    const listed = await toList(others.files.list())

    for (const failure of failures) {
      expect(failure).toBeInstanceOf(newestSdk.Anthropic.NotFoundError)
      expect(getWireError(failure).message).toContain(`File not found: ${id}`)
    }
    expect(listed).toEqual([])
    expect((await toList(own.files.list())).map((each) => each.id)).toEqual([id])
    expect((await own.messages.create(asking)).usage.input_tokens).toBeGreaterThan(0)
  })
})

function item(model: string) {
  const messages = [{ role: 'user' as const, content: 'How do tides come about?' }]
  return { custom_id: `ask-${model}`, params: { model, max_tokens: 300, messages } }
}

/** A result that is an error costs nothing. */
const refusedItem = {
  custom_id: 'refused',
  params: { ...item('claude-3-haiku-20240307').params, max_tokens: 4_097 },
}

interface Answer {
  readonly model: string
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
}

/** All prices are whole nano-dollars per token, so nothing is rounded. */
function computeCost({ model, usage }: Answer): bigint {
  const [input, output] = batchPrices[model] ?? []
  return BigInt(usage.input_tokens) * nanoUsd(input) + BigInt(usage.output_tokens) * nanoUsd(output)
}

/** A dollar per million tokens is a thousand nano-dollars per token. */
function nanoUsd(usdPerMillion = ''): bigint {
  const [, whole = '', decimals = ''] = /^(\d+)(?:\.(\d{1,3}))?$/.exec(usdPerMillion) ?? []
  expect(whole, `${usdPerMillion} is a price`).not.toBe('')
  return BigInt(whole + decimals.padEnd(3, '0'))
}

/** Collects a list that arrives page by page or line by line. */
async function toList<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const each of items) all.push(each)
  return all
}
