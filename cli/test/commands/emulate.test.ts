import { expect, test } from 'vitest'

import { run } from '../console.ts'

test.each([[['no-colon']], [[':secret']], [['AKID:']]])(
  'rejects invalid AWS credentials without repeating them: %j',
  async ([pair]) => {
    const { code, out, err } = await run(['emulate', '--port', '0', '--aws-pair', String(pair)])

    expect({ code, out }).toEqual({ code: 2, out: '' })
    expect(err).toContain('--aws-pair needs an access key id and its secret')
    expect(err).toContain('ID:SECRET')
    expect(err).not.toContain(`"${pair}"`)
  },
)

test('rejects incomplete AWS credentials in the environment', async () => {
  const env = { ANTHOLOGY_AWS_ACCESS_KEY_ID: 'AKID' }
  const { code, err } = await run(['emulate', '--port', '0'], { env })

  expect(code).toBe(2)
  expect(err).toContain(
    'ANTHOLOGY_AWS_ACCESS_KEY_ID and ANTHOLOGY_AWS_SECRET_ACCESS_KEY must be set together',
  )
})
