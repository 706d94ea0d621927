import { expect, test } from 'vitest'

import { defaultLimits } from '../../src/limits.ts'
import { createAccount } from '../../src/upstreams/create-account.ts'

test.each([
  { platform: 'anthropic', api_key: 'sk-ant-1\nsk-ant-2' },
  { platform: 'anthropic', auth_token: '“sk-ant-1”' },
  { platform: 'bedrock', region: 'us-east-1', bearer_token: 'a\u0000b' },
  { platform: 'vertex', project: 'p', location: 'global', access_token: 'a\rb' },
  { platform: 'foundry', resource: 'r', api_key: 'clé' },
] as const)('rejects a credential that no header may have at the start: $platform', (config) => {
  const create = () => createAccount(config, defaultLimits)

  expect(create).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      message: `upstream '${config.platform}': the credential has a character that no HTTP header may have`,
      hint: expect.stringContaining('line break'),
    }),
  )
})

test('takes spaces and all visible characters of ASCII in a credential', () => {
  expect(() => createAccount({ platform: 'anthropic', api_key: 'a key~!"#{}' }, defaultLimits)).not.toThrow()
})
