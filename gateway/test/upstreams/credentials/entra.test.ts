import { expect, test } from 'vitest'

import { createEntraToken } from '../../../src/upstreams/credentials/entra.ts'
import { createLearnedSecrets } from '../../../src/upstreams/credentials/learned-secrets.ts'
import { startServer, useEnvironment } from './credential-server.ts'

const reuse = { forceRefresh: false }

test('a managed identity of Azure gives tokens for the scope of Foundry', async () => {
  const server = await startManagedIdentity()
  const learned = createLearnedSecrets()
  const getToken = createEntraToken({ learned })

  expect(await getToken(reuse)).toBe('eyJ.entra-1')
  expect(server.seen[0]).toMatchObject({ headers: { 'x-identity-header': 'of-this-machine' } })
  expect(new URL(server.seen[0]?.path ?? '', server.url).searchParams.get('resource')).toBe(
    'https://ai.azure.com',
  )
  expect(learned.list).toEqual(['eyJ.entra-1'])
  // The library keeps the tokens of managed identities for the whole process, and has no way to renew one early.
  expect(await getToken({ forceRefresh: true })).toBe('eyJ.entra-1')
  expect(server.seen.length).toBe(1)
})

test('a failed chain is explained', async () => {
  useEnvironment({ AZURE_TOKEN_CREDENTIALS: 'EnvironmentCredential' })

  await expect(createEntraToken({})(reuse)).rejects.toThrow(
    /^no credential from Azure's default credentials: .*Run `az login`/,
  )
})

/** The token endpoint of App Service, which the default chain asks for its managed identity. */
async function startManagedIdentity() {
  let issued = 0
  const server = await startServer(() => {
    issued += 1
    return {
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        access_token: `eyJ.entra-${issued}`,
        expires_on: String(Math.floor(Date.now() / 1_000) + 3_600),
        resource: 'https://ai.azure.com',
        token_type: 'Bearer',
      }),
    }
  })
  useEnvironment({
    IDENTITY_ENDPOINT: `${server.url}/msi/token`,
    IDENTITY_HEADER: 'of-this-machine',
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
  })
  return server
}
