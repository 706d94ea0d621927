import { expect, test } from 'vitest'

import { run } from '../console.ts'
import { temporaryFolder } from '../temporary-folder.ts'

test('creates a key with AWS credentials, lists it without a secret, and revokes it once', async () => {
  const data = ['--data', temporaryFolder()]

  const made = await run(['keys', 'create', '--name', 'ci', '--models', 'claude-opus-4-1', '--aws', ...data])
  const listed = await run(['keys', 'list', ...data])
  const revoked = await run(['keys', 'revoke', 'ci', ...data])
  const again = await run(['keys', 'revoke', 'ci', ...data])
  const after = await run(['keys', 'list', ...data])

  const [secret = '', id, awsSecret = ''] = made.out.split('\n')
  expect(made.code).toBe(0)
  expect(secret).toMatch(/^sk-anthology-[\w-]{40,}$/)
  expect(id).toMatch(/^AWS_ACCESS_KEY_ID=AKIA[A-Z2-7]{16}$/)
  expect(awsSecret).toMatch(/^AWS_SECRET_ACCESS_KEY=\S{40}$/)
  expect(made.err).toContain('It is shown only once')
  expect(listed.out).toMatch(/^key_\w+ +ci +claude-opus-4-1-20250805 +\d{4}-\d\d-\d\d +live$/m)
  expect(listed.out).not.toContain(secret)
  expect(listed.out).not.toContain(awsSecret.split('=')[1])
  expect(revoked).toMatchObject({ code: 0, err: '' })
  expect(revoked.out).toContain('a running server rejects it within a second')
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toContain('anthology keys list')
  expect(after.out).toMatch(/revoked \d{4}-\d\d-\d\d$/m)
})

test.each([
  [['create', '--name', ' '], '--name is empty', 'For example --name ci.'],
  [['create', '--models', 'claude-opus-9'], 'there is no model "claude-opus-9"', 'Did you mean'],
  [['revoke'], 'revoke needs exactly one key', 'anthology keys revoke ci'],
  [['revoke', 'local'], 'the local key cannot be revoked: it is a file', 'Delete local-key'],
])('calls %j wrong use, and makes nothing', async (words, problem, hint) => {
  const data = ['--data', temporaryFolder()]

  const { code, out, err } = await run(['keys', ...words, ...data])

  expect({ code, out }).toEqual({ code: 2, out: '' })
  expect(err).toContain(problem)
  expect(err).toContain(hint)
  expect((await run(['keys', 'list', '--json', ...data])).out).toBe('[]\n')
})
