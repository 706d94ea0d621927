import { createHash } from 'node:crypto'

import { expect, test } from 'vitest'

import { createCredentialsRecord, deriveCredentials } from '../../src/auth/aws-credentials.ts'
import { createBuiltInKey, createKey, createKeyRing } from '../../src/auth/key-ring.ts'
import { createSecret } from '../../src/auth/secret-file.ts'

test('finds a built-in key by its secret', () => {
  const ring = createKeyRing([{ id: 'key_local', name: 'local', secret: 'the-secret' }], rootSecret)

  expect(ring.find('the-secret')).toEqual(createBuiltInKey('key_local', 'local'))
  expect(ring.find('The-secret')).toBeUndefined()
  expect(ring.find('')).toBeUndefined()
})

test('replaces stored keys and keeps built-in ones', () => {
  const ring = createKeyRing([{ id: 'key_local', name: 'local', secret: 'the-secret' }], rootSecret)
  const { secret, record } = createKey('team', ['claude-3-haiku-20240307'], 5)

  ring.replace([record])

  expect(ring.find(secret)).toMatchObject({
    id: record.id,
    name: 'team',
    models: new Set(['claude-3-haiku-20240307']),
  })
  expect(ring.find('the-secret')?.id).toBe('key_local')
})

test('cuts the running calls of a key when it is revoked or removed', () => {
  const ring = createKeyRing([{ id: 'key_local', name: 'local', secret: 'the-secret' }], rootSecret)
  const [one, two] = [createKey('one', null, 5).record, createKey('two', null, 5).record]
  const cut: string[] = []
  ring.replace([one, two])
  for (const name of ['key_local', one.id, two.id]) ring.watch(name, () => cut.push(name))
  const endSecond = ring.watch(one.id, () => cut.push('an ended call'))
  endSecond()

  ring.replace([{ ...one, revokedAtMs: 6 }, two])
  const first = [...cut]
  ring.replace([])

  expect([first, cut]).toEqual([[one.id], [one.id, two.id]])
})

test('cuts a call that starts after its key was revoked', () => {
  const ring = createKeyRing([], rootSecret)
  const { record } = createKey('team', null, 5)
  ring.replace([{ ...record, revokedAtMs: 6 }])
  let isCut = false

  ring.watch(record.id, () => (isCut = true))

  expect(isCut).toBe(true)
})

test('finds neither revoked nor removed keys', () => {
  const ring = createKeyRing([], rootSecret)
  const { secret, record } = createKey('team', null, 5)

  ring.replace([record])
  const before = ring.find(secret)
  ring.replace([{ ...record, revokedAtMs: 6 }])
  const revoked = ring.find(secret)
  ring.replace([])

  expect([before?.id, revoked, ring.find(secret)]).toEqual([record.id, undefined, undefined])
})

test('never accepts a hash as a secret', () => {
  const ring = createKeyRing([], rootSecret)
  const { record } = createKey('team', null, 5)

  ring.replace([record])

  expect(ring.find(record.hash)).toBeUndefined()
})

test('stores only the SHA-256 hash of a new key', () => {
  const { secret, record } = createKey('team', null, 5)

  expect(record.hash).toBe(createHash('sha256').update(secret).digest('hex'))
  expect(JSON.stringify(record)).not.toContain(secret)
  expect(record).toMatchObject({ name: 'team', models: null, createdAtMs: 5, revokedAtMs: null })
  expect(record.id).toMatch(/^key_\w{16}$/)
})

test('creates secrets of 256 random bits in our key format', () => {
  const secrets = new Set(Array.from({ length: 100 }, createSecret))

  expect(secrets.size).toBe(100)
  for (const secret of secrets) expect(secret).toMatch(/^sk-anthology-[\w-]{43}$/)
})

test('derives the secret of stored AWS credentials, unless they are revoked', () => {
  const ring = createKeyRing([], rootSecret)
  const aws = createCredentialsRecord()
  const record = { ...createKey('team', null, 5).record, aws }

  ring.replace([record])
  const found = ring.findCredentials(aws.accessKeyId)
  ring.replace([{ ...record, revokedAtMs: 6 }])

  expect(found).toMatchObject({ key: { id: record.id }, ...deriveCredentials(aws, 'the root secret') })
  expect(found?.secretAccessKey).toMatch(/^[A-Za-z0-9+/]{40}$/)
  expect(ring.findCredentials(aws.accessKeyId)).toBeUndefined()
})

test('derives another secret for another root, version or id', () => {
  const credentials = { accessKeyId: 'AKIAANTHAAAAAAAAAAAA', version: 1 }

  const secrets = [
    deriveCredentials(credentials, 'one'),
    deriveCredentials(credentials, 'two'),
    deriveCredentials({ ...credentials, version: 2 }, 'one'),
    deriveCredentials({ ...credentials, accessKeyId: 'AKIAANTHAAAAAAAAAAAB' }, 'one'),
  ].map(({ secretAccessKey }) => secretAccessKey)

  expect(new Set(secrets).size).toBe(4)
})

test('keeps cached signing keys exactly as long as their credentials', () => {
  const ring = createKeyRing([], rootSecret)
  const aws = createCredentialsRecord()
  const record = { ...createKey('team', null, 5).record, aws }
  const scope = { date: '20261122', region: 'us-east-1', service: 'bedrock' }
  const keep = () => {
    const keys = ring.findCredentials(aws.accessKeyId)?.signingKeys
    const key = keys?.derive(scope) ?? new Uint8Array()
    keys?.keep(scope, key)
    return key
  }

  ring.replace([record])
  const first = keep()
  ring.replace([record, createKey('other', null, 6).record])
  const second = keep()
  ring.replace([{ ...record, revokedAtMs: 7 }])
  ring.replace([record])
  const third = keep()

  expect(second).toBe(first)
  expect(third).not.toBe(first)
  expect(third).toEqual(first)
})

const rootSecret = (): string => 'the root secret'

test('a built-in key wins over a limited stored key with the same secret', () => {
  const { secret, record } = createKey('limited', ['claude-haiku-4-5-20251001'], 0)
  const ring = createKeyRing([{ id: 'env', name: 'ANTHOLOGY_KEY', secret }], () => 'root')

  ring.replace([record])

  expect(ring.find(secret)).toEqual(createBuiltInKey('env', 'ANTHOLOGY_KEY'))
})
