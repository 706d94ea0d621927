import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator, openCassettes, openRecordings } from '../../src/index.ts'
import { parseCassette } from '../../src/cassettes/files/parse-cassette.ts'
import { ask, createFolder, readFolder, record, replay, send } from './rig.ts'

const valid = `version: 1
conversation: Hello
exchanges:
- recorded: '2026-11-29T08:00:00.000Z'
  catalog: '0.1.0'
  request:
    protocol: messages
    endpoint: create_message
    method: POST
    path: /v1/messages
    stream: false
    model: claude-sonnet-4-5-20250929
    turn: 0
    last_user: Hello
  response:
    status: 200
    headers:
      content-type: application/json
    at_ms: [1]
    body: '{"id":"msg_hand","type":"message","content":[]}'
`

describe('a cassette', () => {
  test('that a person wrote is played', async () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'hand.yaml'), valid)

    expect((await send(await replay(folder), ask('Hello'))).text).toContain('msg_hand')
  })

  test.each([
    [
      'another version',
      valid.replace('version: 1', 'version: 2'),
      'a.yaml:1:10: version 2 is not supported; this release reads version 1',
    ],
    ['no version', 'exchanges: []', 'a.yaml:1:1: this is no cassette: it has no version'],
    ['a scenario', 'version: 1\nrules: []', 'a.yaml:1:1: this is a scenario, not a cassette'],
    [
      'an unknown member',
      valid.replace('stream: false', 'stream: false\n    color: red'),
      "a.yaml:7:5: exchanges.0.request: unknown member 'color'",
    ],
    [
      'a wrong value',
      valid.replace('status: 200', 'status: 99'),
      'a.yaml:16:13: exchanges.0.response.status: must be >= 200',
    ],
    [
      'an event that ends its line',
      valid.replace(/body:.*/, 'events: [{ data: "a\\n\\nevent: b" }]'),
      'exchanges.0.response.events.0',
    ],
    [
      'a header that ends its line',
      valid.replace('content-type: application/json', 'content-type: "a\\r\\nset-cookie: b"'),
      'exchanges.0.response.headers.content-type: must match pattern',
    ],
    [
      'a length of its own',
      valid.replace('content-type:', 'content-length:'),
      'exchanges.0.response.headers',
    ],
    ['no response', valid.replace(/ {2}response:[^]*/, ''), "must have required property 'response'"],
    ['nothing', '', 'must be object'],
    ['binary', '\u0000\u0001', 'a.yaml'],
    ['nested aliases', `a: &a [x]\nb: [*a, *a]\n${valid}`, 'Alias'],
  ])('with %s is rejected, with its place', (_, text, message) => {
    expect(() => parseCassette(text, 'a.yaml')).toThrow(message)
  })

  test('that was cut anywhere is rejected or read without its end, and never crashes', () => {
    fc.assert(
      fc.property(fc.nat({ max: valid.length - 1 }), (length) => {
        try {
          expect(parseCassette(valid.slice(0, length), 'a.yaml').exchanges.length).toBeLessThanOrEqual(1)
        } catch (error) {
          expect(error).toMatchObject({ name: 'CassetteError', message: expect.stringMatching(/^a\.yaml/) })
        }
      }),
    )
  })

  test('that is too large is not read', () => {
    const folder = createFolder()
    writeFileSync(join(folder, 'huge.yaml'), Buffer.alloc(64 * 1024 * 1024 + 1, 'a'))

    expect(() => openCassettes(folder)).toThrow('huge.yaml: the file is longer than 67108864 bytes')
  })

  test('in a folder that does not exist is an error with the path', () => {
    expect(() => openCassettes(join(createFolder(), 'missing'))).toThrow(/missing cannot be read/)
    expect(() => openRecordings(join(createFolder(), 'missing.har'))).toThrow(
      /there is no file or folder .*missing\.har/,
    )
  })

  test('is not sought in folders, links, and files of other kinds', () => {
    const folder = createFolder()
    const elsewhere = createFolder()
    writeFileSync(join(elsewhere, 'secret.yaml'), 'not a cassette')
    symlinkSync(join(elsewhere, 'secret.yaml'), join(folder, 'link.yaml'))
    mkdirSync(join(folder, 'folder.yaml'))
    writeFileSync(join(folder, 'notes.txt'), 'not a cassette')
    writeFileSync(join(folder, '.hidden.yaml'), 'not a cassette')

    expect(openCassettes(folder).list()).toEqual([])
  })
})

describe('names of files', () => {
  test.each([
    ['a path upward', '../../escape'],
    ['an absolute path', '/etc/passwd'],
    ['two dots', '..'],
    ['one dot', '.'],
    ['a path of Windows', 'C:\\windows\\x'],
    ['a device of Windows', 'CON'],
    ['a null character', 'a\0b'],
    ['other letters', '日本語'],
    ['another direction of writing', '\u202etxt.exe'],
    ['5,000 letters', 'a'.repeat(5_000)],
  ])('stay inside the folder for a question of %s', async (_, question) => {
    const parent = createFolder()
    const folder = join(parent, 'inside')
    const proxy = await record(folder)
    await send(proxy, ask(question, { max_tokens: 3 }))

    expect(readdirSync(parent)).toEqual(['inside'])
    expect(Object.keys(readFolder(folder))).toEqual([
      expect.stringMatching(/^[a-z0-9][a-z0-9-]{0,60}-[0-9a-f]{8}\.yaml$/),
    ])
    expect((await send(await replay(folder), ask(question))).status).toBe(200)
    expect(existsSync('/escape')).toBe(false)
  })
})

describe('requests', () => {
  test('of any content are answered, never with a crash', async () => {
    const emulator = createEmulator({ replay: { cassettes: openCassettes(createFolder()) } })
    const value = fc.oneof(
      fc.jsonValue(),
      fc.record({
        messages: fc.jsonValue(),
        tools: fc.jsonValue(),
        system: fc.jsonValue(),
        model: fc.jsonValue(),
      }),
    )
    const path = fc.constantFrom(
      '/v1/messages',
      '/v1/chat/completions',
      '/model/x/converse',
      '/model/%zz/invoke',
      '/v1/files',
      '/x?a=%',
    )
    await fc.assert(
      fc.asyncProperty(value, path, async (body, target) => {
        const response = await emulator.fetch(target, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })

        expect([400, 404]).toContain(response.status)
      }),
    )
  })

  test('nested too deeply are treated as no conversation', async () => {
    const emulator = createEmulator({ replay: { cassettes: openCassettes(createFolder()) } })
    const deep = `{"messages":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    const response = await emulator.fetch('/v1/messages', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: deep,
    })

    expect(response.status).toBe(400)
    expect(await response.text()).toContain('No recording matches')
  })
})
