import { beforeEach, describe, expect, test } from 'vitest'

import { createExchange } from '../../exchange.ts'
import { createClock, createEmulator } from '../../../src/index.ts'
import { downloadFile } from '../../../src/api/files/endpoints.ts'
import { createFileStore, isExpired, maxStoreBytes } from '../../../src/api/files/file-store.ts'
import type { StoredFile } from '../../../src/api/files/file-store.ts'
import { createFileReader } from '../../../src/api/files/reader.ts'
import type { Settings } from '../../../src/options/settings.ts'

const start = '2025-08-15T12:00:00.000Z'
const generalDay = '2026-08-19T00:00:00.000Z'
const beta = { 'anthropic-beta': 'files-api-2025-04-14' }

const clock = createClock(start)
const emulator = createEmulator({ now: clock.now })

beforeEach(() => {
  clock.set(start)
  emulator.reset()
})

describe('in the beta, a file', () => {
  test('is uploaded', async () => {
    const { status, body } = await upload(new File(['hello'], 'a b.txt', { type: 'text/plain' }), beta)

    expect(status).toBe(200)
    expect(body).toEqual({
      id: expect.stringMatching(/^file_01\w{22}$/),
      type: 'file',
      filename: 'a b.txt',
      mime_type: 'text/plain',
      size_bytes: 5,
      created_at: start,
      downloadable: false,
    })
    expect((await call('GET', `/v1/files/${findId(body)}?beta=true`, beta)).body).toEqual(body)
  })

  test('is listed, newest first, with the paging of models', async () => {
    const [one, two] = [
      findId((await upload(textFile(), beta)).body),
      findId((await upload(textFile(), beta)).body),
    ]

    expect((await call('GET', '/v1/files?limit=1', beta)).body).toMatchObject({
      data: [{ id: two }],
      first_id: two,
      last_id: two,
      has_more: true,
    })
    expect((await call('GET', `/v1/files?after_id=${two}`, beta)).body).toMatchObject({ data: [{ id: one }] })
    expect((await call('GET', '/v1/files?limit=0', beta)).status).toBe(400)
  })

  test('is deleted', async () => {
    const id = findId((await upload(textFile(), beta)).body)

    expect((await call('DELETE', `/v1/files/${id}`, beta)).body).toEqual({ id, type: 'file_deleted' })
    expect(await call('GET', `/v1/files/${id}`, beta)).toMatchObject({
      status: 404,
      body: { error: { type: 'not_found_error', message: `File not found: ${id}` } },
    })
  })

  test('that was uploaded cannot be downloaded', async () => {
    const id = findId((await upload(textFile(), beta)).body)

    expect(await call('GET', `/v1/files/${id}/content`, beta)).toMatchObject({
      status: 400,
      body: { error: { type: 'invalid_request_error', message: `File ${id} is not downloadable` } },
    })
  })

  test('needs the header', async () => {
    for (const { status, body } of [await upload(textFile(), {}), await call('GET', '/v1/files', {})]) {
      expect(status).toBe(400)
      expect(body).toMatchObject({ error: { message: expect.stringContaining('files-api-2025-04-14') } })
    }
  })
})

describe('since 2026-08-19, a file', () => {
  beforeEach(() => clock.set(generalDay))

  test('has an expiry time, and cannot be used afterwards', async () => {
    const { body } = await upload(textFile(), {}, { expires_in_seconds: '3600' })
    const id = findId(body)
    expect(body).toMatchObject({ created_at: generalDay, expires_at: '2026-08-19T01:00:00.000Z' })
    expect((await upload(textFile(), {})).body).toMatchObject({ expires_at: null })

    clock.advance(3_600_000 - 1)
    expect((await call('GET', '/v1/files', {})).body).toMatchObject({ data: [{}, { id }] })
    clock.advance(1)
    expect((await call('GET', `/v1/files?ids[]=${id}`, {})).body).toMatchObject({ data: [] })
  })

  test('is listed in pages with a cursor', async () => {
    const ids: string[] = []
    for (let i = 0; i < 5; i += 1) ids.unshift(findId((await upload(textFile(), {})).body))
    const seen: string[] = []
    let path = '/v1/files?limit=2'
    for (let pages = 1; ; pages += 1) {
      const { body } = await call('GET', path, {})
      // A page; its members are compared below.
      const { data, next_page: next } = body as { data: { id: string }[]; next_page: string | null }
      seen.push(...data.map(({ id }) => id))
      if (next === null) {
        expect(pages).toBe(3)
        break
      }
      path = `/v1/files?limit=2&page=${next}`
    }

    expect(seen).toEqual(ids)
    expect((await call('GET', '/v1/files?page=3', {})).status).toBe(400)
    expect((await call('GET', '/v1/files?page=page_x', {})).status).toBe(400)
  })

  test('is listed by its id', async () => {
    const [one, two] = [
      findId((await upload(textFile(), {})).body),
      findId((await upload(textFile(), {})).body),
    ]
    await upload(textFile(), {})

    expect((await call('GET', `/v1/files?ids[]=${one}&ids[]=${two}&ids[]=file_x`, {})).body).toMatchObject({
      data: [{ id: two }, { id: one }],
      next_page: null,
    })
    expect((await call('GET', `/v1/files?ids[]=${one}&limit=2`, {})).status).toBe(400)
  })

  test('has the shape of the beta if the request has its header', async () => {
    const { body } = await upload(textFile(), beta)

    expect(body).not.toHaveProperty('expires_at')
    expect((await call('GET', '/v1/files', beta)).body).toHaveProperty('has_more', false)
  })

  test('that cannot be downloaded gets an error with a code', async () => {
    const id = findId((await upload(textFile(), {})).body)

    expect((await call('GET', `/v1/files/${id}/content`, {})).body).toMatchObject({
      error: { details: { error_code: 'file_not_downloadable' } },
    })
  })
})

test('a file that a tool created can be downloaded', async () => {
  const files = createFileStore()
  files.add({
    ...stored('file_1', new TextEncoder().encode('1,2')),
    filename: 'ä.csv',
    mimeType: 'text/csv',
    downloadable: true,
    expiresMs: 5,
  })
  const asked = {
    request: { method: 'GET', path: '/v1/files/file_1/content', headers: {}, body: null },
    apiVersion: '2026-10-21',
    key: null,
    query: new URLSearchParams(),
    name: 'file_1',
    head: { requestId: 'req_1', organizationId: 'o', notices: [], exchange: createExchange() },
  } as const
  const servedModels = { models: [], lifecycle: 'ignore', asOf: () => '2026-11-01' } as const
  // The handler asks for no more of the settings than this.
  const download = (nowMs: number) =>
    downloadFile(asked, { files, servedModels, now: () => nowMs } as unknown as Settings)

  expect(download(4)).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'text/csv',
      'content-length': '3',
      'content-disposition': "attachment; filename*=UTF-8''%C3%A4.csv",
    },
  })
  expect(new TextDecoder().decode(download(4).frames.next().value?.bytes)).toBe('1,2')
  expect(download(5)).toMatchObject({ status: 404 })
  expect(new TextDecoder().decode(download(5).frames.next().value?.bytes)).toContain('file_expired')
})

describe('an upload', () => {
  test.each<[string, string, string]>([
    ['a path', 'C:\\docs\\a.pdf', 'a.pdf'],
    ['another path', 'docs/a.pdf', 'a.pdf'],
    ['255 characters', 'x'.repeat(255), 'x'.repeat(255)],
    ['other letters', 'Bericht (ä).pdf', 'Bericht (ä).pdf'],
  ])('may be named by %s', async (_, name, filename) => {
    expect((await upload(new File(['x'], name), beta)).body).toMatchObject({ filename })
  })

  test.each(['a?.txt', 'a<b', 'x'.repeat(256), 'a\tb', 'a|b', 'a:b', 'a*b', 'a"b'])(
    'must not be named %j',
    async (name) => {
      expect(await upload(new File(['x'], name), beta)).toMatchObject({
        status: 400,
        body: { error: { message: expect.stringContaining('filename') } },
      })
    },
  )

  test.each([
    ['3599', 'Input should be greater than or equal to 3600'],
    ['7776001', 'Input should be less than or equal to 7776000'],
    ['soon', 'Input should be a valid integer'],
  ])('does not expire in %s seconds', async (seconds, message) => {
    clock.set(generalDay)

    expect((await upload(textFile(), {}, { expires_in_seconds: seconds })).body).toMatchObject({
      error: { message: `expires_in_seconds: ${message}` },
    })
  })

  test('of 2025 does not expire', async () => {
    expect((await upload(textFile(), beta, { expires_in_seconds: '3600' })).body).toMatchObject({
      error: { message: 'expires_in_seconds: Extra inputs are not permitted' },
    })
  })

  test('requires a form with a non-empty file', async () => {
    const form = new FormData()
    form.append('other', 'x')

    expect((await send(form, beta)).body).toMatchObject({ error: { message: 'file: Field required' } })
    expect((await upload(new File([], 'a'), beta)).status).toBe(400)
    expect((await send('{}', { ...beta, 'content-type': 'application/json' })).status).toBe(400)
  })
})

test('a key sees only its own files', async () => {
  const id = findId((await upload(textFile(), { ...beta, 'x-api-key': 'mine' })).body)
  const theirs = { ...beta, 'x-api-key': 'theirs' }

  expect((await call('GET', `/v1/files/${id}`, { ...beta, authorization: 'Bearer mine' })).status).toBe(200)
  expect((await call('GET', `/v1/files/${id}`, theirs)).status).toBe(404)
  expect((await call('DELETE', `/v1/files/${id}`, theirs)).status).toBe(404)
  expect((await call('GET', '/v1/files', theirs)).body).toMatchObject({ data: [] })
})

describe('the store', () => {
  test('rejects a file that does not fit, and has room again after a removal', () => {
    const store = createFileStore()
    const huge = stored('huge', new Uint8Array(maxStoreBytes))

    expect(store.add(huge)).toBe(true)
    expect(store.add(stored('one', new Uint8Array(1)))).toBe(false)
    store.remove(huge)
    store.remove(huge)
    expect(store.add(stored('one', new Uint8Array(1)))).toBe(true)
    expect(store.find('one', null)?.id).toBe('one')
  })

  test('knows which files have expired', () => {
    const file = { ...stored('a', new Uint8Array()), expiresMs: 10 }

    expect([isExpired(file, 9), isExpired(file, 10), isExpired(stored('b', new Uint8Array()), 10)]).toEqual([
      false,
      true,
      false,
    ])
  })
})

describe('a message', () => {
  const read = (id: string, more: Record<string, string> = {}) =>
    emulator.fetch('/v1/messages', {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...beta, ...more },
      body: JSON.stringify({
        model: 'claude-opus-4-1',
        max_tokens: 10,
        messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'file', file_id: id } }] }],
      }),
    })

  test('reads an uploaded file, and counts its tokens', async () => {
    const tokens = async (text: string) => {
      const { body } = await upload(new File([text], 'a.txt', { type: 'text/plain' }), beta)
      // If it is not a message, the expectation below fails.
      return ((await (await read(findId(body))).json()) as { usage: { input_tokens: number } }).usage
        .input_tokens
    }

    expect((await tokens('tea '.repeat(500))) - (await tokens('tea'))).toBeGreaterThan(400)
  })

  test.each([
    ['image', 'text/plain', 'has the type text/plain, which does not match the content block type image'],
    ['document', 'image/png', 'has the type image/png, which does not match the content block type document'],
    ['document', 'application/octet-stream', 'does not match the content block type document'],
    ['image', 'image/png', 'Could not process image'],
    ['document', 'application/pdf', 'The PDF specified was not valid.'],
    ['container_upload', 'application/octet-stream', null],
  ])('with a block %s of a file of the type %s gets: %s', async (type, mimeType, message) => {
    const id = findId((await upload(new File(['data'], 'a.bin', { type: mimeType }), beta)).body)
    const block =
      type === 'container_upload' ? { type, file_id: id } : { type, source: { type: 'file', file_id: id } }
    const nested = { type: 'document', source: { type: 'content', content: [block] } }
    for (const content of type === 'image' ? [block, nested] : [block]) {
      const response = await emulator.fetch('/v1/messages', {
        method: 'POST',
        headers: { 'anthropic-version': '2023-06-01', 'content-type': 'application/json', ...beta },
        body: JSON.stringify({
          model: 'claude-opus-4-1',
          max_tokens: 10,
          messages: [{ role: 'user', content: [content, { type: 'text', text: 'What is it?' }] }],
        }),
      })
      const { error } = (await response.json()) as { error?: { message: string } }

      expect(response.status).toBe(message === null ? 200 : 400)
      if (message !== null) expect(error?.message).toContain(message)
    }
  })

  test('cannot use a file of another key, or a deleted one', async () => {
    const id = findId((await upload(textFile(), { ...beta, 'x-api-key': 'mine' })).body)

    expect((await read(id, { 'x-api-key': 'mine' })).status).toBe(200)
    const refused = await read(id, { 'x-api-key': 'theirs' })
    expect(refused.status).toBe(404)
    expect(await refused.json()).toMatchObject({ error: { message: `File not found: ${id}` } })
    await call('DELETE', `/v1/files/${id}`, { ...beta, 'x-api-key': 'mine' })
    expect((await read(id, { 'x-api-key': 'mine' })).status).toBe(404)
  })
})

test('messages may refer to the unexpired files of their key', () => {
  const files = createFileStore()
  const bytes = new TextEncoder().encode('hello')
  files.add({ ...stored('mine', bytes), key: 'k', expiresMs: 10 })
  const [now, later, others] = [
    createFileReader(files, 'k', 9),
    createFileReader(files, 'k', 10),
    createFileReader(files, null, 9),
  ]

  expect(now.openFile('mine')).toEqual({ mediaType: 'text/plain', bytes })
  expect([now, later, others].map((reader) => reader.hasFile('mine'))).toEqual([true, false, false])
  expect(later.openFile('mine')).toBeNull()
})

interface Answer {
  readonly status: number
  readonly body: unknown
}

function textFile(): File {
  return new File(['hello'], 'a.txt', { type: 'text/plain' })
}

function upload(
  content: File,
  headers: Record<string, string>,
  fields: Record<string, string> = {},
): Promise<Answer> {
  const form = new FormData()
  form.append('file', content)
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return send(form, headers)
}

async function send(body: FormData | string, headers: Record<string, string>): Promise<Answer> {
  return getAnswer(
    await emulator.fetch('/v1/files', {
      method: 'POST',
      headers: { 'anthropic-version': '2023-06-01', ...headers },
      body,
    }),
  )
}

async function call(method: string, path: string, headers: Record<string, string>): Promise<Answer> {
  return getAnswer(
    await emulator.fetch(path, { method, headers: { 'anthropic-version': '2023-06-01', ...headers } }),
  )
}

async function getAnswer(response: Response): Promise<Answer> {
  return { status: response.status, body: await response.json() }
}

function findId(body: unknown): string {
  // A file object, as the first test verifies.
  return (body as { id: string }).id
}

function stored(id: string, bytes: Uint8Array): StoredFile {
  return {
    id,
    key: null,
    filename: id,
    mimeType: 'text/plain',
    createdMs: 0,
    expiresMs: null,
    downloadable: false,
    bytes,
  }
}
