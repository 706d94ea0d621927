import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'

import { makePdf, makePng } from './media.ts'
import { startTarget, ways } from './rig.ts'
import type { Target, TargetOptions, Way } from './rig.ts'
import { createClient, createNewestClient, toFailure, newestSdk, sdk060, sdks, getWireError } from './sdks.ts'

/** An emulator in this process has a clock that can be set. */
const waysInProcess = ['emulator', 'gateway with emulator'] as const

describe.each(waysInProcess.flatMap((way) => sdks.map((sdk) => ({ way, sdk }))))(
  'message batches, $way, $sdk.name',
  ({ way, sdk }) => {
    test('end, and have a result for every request', async () => {
      const { batches } = createClient(sdk, await start(way)).messages

      const created = await batches.create({ requests: [item('a'), item('b'), badItem('c')] })
      const ended = await batches.retrieve(created.id)
      const results = await toList(await batches.results(created.id))

      expect(created).toMatchObject({
        id: expect.stringMatching(/^msgbatch_/),
        type: 'message_batch',
        processing_status: 'in_progress',
        request_counts: { processing: 3, succeeded: 0, errored: 0, canceled: 0, expired: 0 },
        ended_at: null,
        results_url: null,
      })
      expect(Date.parse(created.expires_at) - Date.parse(created.created_at)).toBe(24 * hourMs)
      expect(ended).toMatchObject({
        processing_status: 'ended',
        request_counts: { processing: 0, succeeded: 2, errored: 1, canceled: 0, expired: 0 },
      })
      const byId = new Map(results.map(({ custom_id: id, result }) => [id, result]))
      expect([...byId.keys()].toSorted()).toEqual(['a', 'b', 'c'])
      expect(byId.get('a')).toMatchObject({
        type: 'succeeded',
        message: {
          model: 'claude-opus-4-5-20251101',
          stop_reason: 'end_turn',
          content: [{ type: 'text', text: expect.stringContaining('Claude Opus 4.5') }],
          usage: { service_tier: 'batch' },
        },
      })
      expect(byId.get('c')).toMatchObject({
        type: 'errored',
        error: {
          type: 'error',
          error: { type: 'invalid_request_error', message: expect.stringMatching(/^max_tokens: /) },
        },
      })
    })

    test('have the same results as single requests', async () => {
      const { messages } = createClient(sdk, await start(way))
      const { params } = item('a')

      const { id } = await messages.batches.create({ requests: [{ custom_id: 'a', params }] })
      const [line] = await toList(await messages.batches.results(id))
      const direct = await messages.create(params)

      if (line?.result.type !== 'succeeded') return expect.unreachable('this has been answered')
      expect(line.result.message.content).toEqual(direct.content)
      expect(line.result.message.usage.output_tokens).toBe(direct.usage.output_tokens)
    })

    test('take a configured time, and have no results before', async () => {
      let nowMs = noonMs
      const target = await start(way, { now: () => nowMs, batchDurationMs: hourMs })
      const { batches } = createClient(sdk, target).messages

      const { id } = await batches.create({ requests: [item('a')] })
      nowMs += hourMs - 1
      const before = await batches.retrieve(id)
      const early = await toFailure(batches.results(id))
      nowMs += 1
      const after = await batches.retrieve(id)

      expect(before.processing_status).toBe('in_progress')
      // An error of the SDKs themselves, which retrieve the batch first.
      expect(early).toMatchObject({ message: expect.stringContaining('No batch `results_url`') })
      expect(after.processing_status).toBe('ended')
      expect(Date.parse(String(after.ended_at))).toBe(noonMs + hourMs)
      expect(await toList(await batches.results(id))).toHaveLength(1)
    })

    test('are cancelled, and only then deleted', async () => {
      let nowMs = noonMs
      const target = await start(way, { now: () => nowMs, batchDurationMs: hourMs })
      const { batches } = createClient(sdk, target).messages
      const { id } = await batches.create({ requests: [item('a'), item('b')] })

      const tooEarly = await toFailure(batches.delete(id))
      const canceling = await batches.cancel(id)
      nowMs += hourMs
      const ended = await batches.retrieve(id)
      const results = await toList(await batches.results(id))
      const deleted = await batches.delete(id)
      const gone = await toFailure(batches.retrieve(id))

      expect(tooEarly).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(canceling).toMatchObject({
        processing_status: 'canceling',
        cancel_initiated_at: expect.any(String),
      })
      expect(ended).toMatchObject({
        processing_status: 'ended',
        request_counts: { processing: 0, canceled: 2 },
      })
      expect(results.map(({ result }) => result)).toEqual([{ type: 'canceled' }, { type: 'canceled' }])
      expect(deleted).toEqual({ id, type: 'message_batch_deleted' })
      expect(gone).toBeInstanceOf(sdk.Anthropic.NotFoundError)
    })

    test('are listed page by page, newest first', async () => {
      const { batches } = createClient(sdk, await start(way)).messages
      const ids: string[] = []
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        ids.push((await batches.create({ requests: [item(name)] })).id)
      }

      const listed = await toList(batches.list({ limit: 2 }))
      const first = await batches.list({ limit: 2 })

      expect(listed.map(({ id }) => id)).toEqual(ids.toReversed())
      expect(first).toMatchObject({ has_more: true, first_id: ids[4], last_id: ids[3] })
    })

    test('require unique custom ids', async () => {
      const { batches } = createClient(sdk, await start(way)).messages

      const error = await toFailure(batches.create({ requests: [item('a'), item('a')] }))

      expect(error).toBeInstanceOf(sdk.Anthropic.BadRequestError)
      expect(getWireError(error).message).toContain('custom_id')
    })
  },
)

describe.each(ways)('files, %s', (way) => {
  let target: Target

  beforeEach(async () => {
    target = await start(way)
  })

  test('are uploaded, found, listed and deleted, by the newest SDK', async () => {
    const { files } = createNewestClient(target)

    const uploaded = await files.upload({ file: textFile('notes.txt', 'The sea is green today.') })
    const found = await files.retrieveMetadata(uploaded.id)
    const other = await files.upload({ file: textFile('more.txt', 'And the sky is grey.') })
    const listed = await toList(files.list({ limit: 1 }))
    const notForDownload = await toFailure(files.download(uploaded.id))
    const deleted = await files.delete(uploaded.id)
    const gone = await toFailure(files.retrieveMetadata(uploaded.id))

    expect(uploaded).toMatchObject({
      id: expect.stringMatching(/^file_/),
      type: 'file',
      filename: 'notes.txt',
      mime_type: 'text/plain',
      size_bytes: 23,
      downloadable: false,
      expires_at: null,
    })
    expect(found).toEqual(uploaded)
    expect(listed.map(({ id }) => id)).toEqual([other.id, uploaded.id])
    expect(notForDownload).toBeInstanceOf(newestSdk.Anthropic.BadRequestError)
    expect(deleted).toMatchObject({ id: uploaded.id, type: 'file_deleted' })
    expect(gone).toBeInstanceOf(newestSdk.Anthropic.NotFoundError)
  })

  test('have the older shape with the beta of SDK 0.60.0', async () => {
    const { files } = createClient(sdk060, target).beta

    const uploaded = await files.upload({ file: textFile('notes.txt', 'The sea is green today.') })
    const listed = await toList(files.list())
    const deleted = await files.delete(uploaded.id)
    const gone = await toFailure(files.retrieveMetadata(uploaded.id))

    expect(uploaded).toEqual({
      id: expect.stringMatching(/^file_/),
      type: 'file',
      filename: 'notes.txt',
      mime_type: 'text/plain',
      size_bytes: 23,
      created_at: expect.any(String),
      downloadable: false,
    })
    expect(listed).toEqual([uploaded])
    expect(deleted).toMatchObject({ id: uploaded.id, type: 'file_deleted' })
    expect(gone).toBeInstanceOf(sdk060.Anthropic.NotFoundError)
  })

  test('replace their contents in a message', async () => {
    const { files, messages } = createNewestClient(target)
    const png = makePng(560, 280)
    const pdf = makePdf(['One', 'Two'])
    const picture = await files.upload({
      file: new File([Buffer.from(png, 'base64')], 'a.png', { type: 'image/png' }),
    })
    const paper = await files.upload({
      file: new File([new Uint8Array(pdf)], 'a.pdf', { type: 'application/pdf' }),
    })
    const ask = async (content: Content) => {
      const message = await messages.create({ ...hello, messages: [{ role: 'user', content }] })
      return message.usage.input_tokens
    }

    const byFile = [
      await ask([{ type: 'image', source: { type: 'file', file_id: picture.id } }, question]),
      await ask([{ type: 'document', source: { type: 'file', file_id: paper.id } }, question]),
    ]

    expect(byFile).toEqual([
      await ask([
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
        question,
      ]),
      await ask([
        {
          type: 'document',
          source: { type: 'base64', media_type: 'application/pdf', data: pdf.toString('base64') },
        },
        question,
      ]),
    ])
  })

  test('must exist if a message names them', async () => {
    const { messages } = createNewestClient(target)

    const error = await toFailure(
      messages.create({
        ...hello,
        messages: [
          { role: 'user', content: [{ type: 'image', source: { type: 'file', file_id: 'file_nowhere' } }] },
        ],
      }),
    )

    expect(error).toMatchObject({ status: 404 })
    expect(getWireError(error).message).toContain('File not found: file_nowhere')
  })
})

describe('models', () => {
  test.each(ways)('list their capabilities, %s', async (way) => {
    const { models } = createNewestClient(await start(way))

    const model = await models.retrieve('claude-opus-5-5')

    expect(model).toMatchObject({
      type: 'model',
      id: 'claude-opus-5-5',
      display_name: 'Claude Opus 5.5',
      max_input_tokens: 1_000_000,
      max_tokens: 128_000,
      lifecycle: 'active',
      capabilities: {
        batch: { supported: true },
        image_input: { supported: true },
        thinking: {
          supported: true,
          types: { adaptive: { supported: true }, enabled: { supported: false } },
        },
      },
    })
  })

  test('had four members in August 2025', async () => {
    const { models } = createClient(sdk060, await start('emulator', { asOf: '2025-08-15' }))

    const model = await models.retrieve('claude-opus-4-1')

    expect(model).toEqual({
      type: 'model',
      id: 'claude-opus-4-1-20250805',
      display_name: 'Claude Opus 4.1',
      created_at: '2025-08-05T00:00:00Z',
    })
  })
})

const noonMs = Date.parse('2026-11-22T12:00:00Z')
const hourMs = 3_600_000

const hello = {
  model: 'claude-opus-4-5',
  max_tokens: 1_024,
  messages: [{ role: 'user' as const, content: 'Why is the sky blue?' }],
}

const question = { type: 'text' as const, text: 'What is this?' }

type NewestMessages = ReturnType<typeof createNewestClient>['messages']
type Content = Parameters<NewestMessages['create']>[0]['messages'][number]['content']

async function start(way: Way, options: TargetOptions = {}): Promise<Target> {
  const target = await startTarget(way, options)
  onTestFinished(() => target.close())
  return target
}

function item(name: string) {
  const messages = [{ role: 'user' as const, content: `Tell me about the letter ${name}.` }]
  return { custom_id: name, params: { ...hello, messages } }
}

function badItem(name: string) {
  return { custom_id: name, params: { ...hello, max_tokens: 0.5 } }
}

function textFile(name: string, text: string): File {
  return new File([text], name, { type: 'text/plain' })
}

/** Collects a list that arrives page by page or line by line. */
async function toList<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = []
  for await (const each of items) all.push(each)
  return all
}
