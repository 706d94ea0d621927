import { randomBytes, randomUUID } from 'node:crypto'

import { expect, onTestFinished, test } from 'vitest'

import { createGateway } from '../../src/gateway.ts'
import type { LogEntry } from '../../src/log.ts'
import { createSecret } from '../../src/auth/secret-file.ts'
import { findWeakSecrets, isWeakSecret } from '../../src/auth/weak-secret.ts'
import { temporaryFolder } from '../running-gateway.ts'

test.each(['', 'a', 'hunter2', 'fifteen-letters', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'abcabcabcabcabcabc'])(
  'a short or monotonous secret can be guessed: %j',
  (secret) => {
    expect(isWeakSecret(secret)).toBe(true)
  },
)

test.each(['changeme-changeme', 'my-password-for-claude', 'sk-anthology-your-key', '1234567890abcdef'])(
  'a placeholder can be guessed: %j',
  (secret) => {
    expect(isWeakSecret(secret)).toBe(true)
  },
)

test('random secrets of every usual form are accepted', () => {
  const secrets = Array.from({ length: 200 }, () => [
    createSecret(),
    randomUUID(),
    randomBytes(16).toString('hex'),
    randomBytes(16).toString('base64'),
    randomBytes(30).toString('base64'),
  ]).flat()

  expect(secrets.filter(isWeakSecret)).toEqual([])
})

test('weak secrets are named as the operator set them', () => {
  const strong = createSecret()
  const keys = [
    { id: 'local', name: 'local key', secret: strong },
    { id: 'env', name: 'ANTHOLOGY_KEY', secret: 'a', aws: { accessKeyId: 'AKIA', secretAccessKey: 'b' } },
  ]

  expect(findWeakSecrets(keys, { rootSecret: 'c', adminKey: 'd' })).toEqual([
    'ANTHOLOGY_KEY',
    'ANTHOLOGY_AWS_SECRET_ACCESS_KEY',
    'ANTHOLOGY_ROOT_SECRET',
    'ANTHOLOGY_ADMIN_KEY',
  ])
  expect(
    findWeakSecrets([{ id: 'env', name: 'ANTHOLOGY_KEY', secret: strong }], {
      rootSecret: '',
      adminKey: strong,
    }),
  ).toEqual([])
})

test('a gateway with a weak secret does not listen where other machines can reach it, and warns elsewhere', async () => {
  const log: LogEntry[] = []
  const gateway = await createGateway({
    accounts: [],
    dataFolder: temporaryFolder(),
    keys: [{ id: 'env', name: 'ANTHOLOGY_KEY', secret: 'a' }],
    log: (entry) => log.push(entry),
  })
  onTestFinished(() => gateway.close())

  await expect(gateway.listen(0, '0.0.0.0')).rejects.toMatchObject({
    code: 'weak_secret',
    message: 'ANTHOLOGY_KEY is easy to guess, and other machines can reach 0.0.0.0',
    hint: expect.stringContaining('openssl rand'),
  })
  await gateway.listen(0, '127.0.0.1')
  expect(log).toEqual([{ level: 'warn', event: 'weak_secret', message: 'ANTHOLOGY_KEY is easy to guess' }])
})
