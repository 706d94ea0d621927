import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createGoogleToken } from '../../../src/upstreams/credentials/google.ts'
import { createLearnedSecrets } from '../../../src/upstreams/credentials/learned-secrets.ts'
import { createClock, startServer, useEnvironment } from './credential-server.ts'
import type { Answer, CredentialServer } from './credential-server.ts'

const reuse = { forceRefresh: false }
const hourMs = 3_600_000
const project = 'my-project'

describe('a key of a service account', () => {
  test('is exchanged for an access token, which redaction knows', async () => {
    useEnvironment({})
    const server = await startTokenServer()
    const learned = createLearnedSecrets()
    const getToken = createGoogleToken({
      project,
      credentialsFile: await writeServiceAccount(),
      tokenUrl: server.url,
      learned,
    })

    expect(await getToken(reuse)).toBe('ya29.token-1')
    expect(await getToken(reuse)).toBe('ya29.token-1')

    const form = new URLSearchParams(server.seen[0]?.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    expect(readClaims(form.get('assertion'))).toMatchObject({
      iss: 'gateway@my-project.iam.gserviceaccount.com',
      scope: 'https://www.googleapis.com/auth/cloud-platform',
    })
    expect(server.seen.length).toBe(1)
    expect(learned.list).toEqual(['ya29.token-1'])
  })

  test('is exchanged again five minutes before the end of the token, and after a rejected one', async () => {
    useEnvironment({})
    const clock = createClock()
    const server = await startTokenServer()
    const getToken = createGoogleToken({
      project,
      credentialsFile: await writeServiceAccount(),
      tokenUrl: server.url,
      nowMs: clock.nowMs,
    })
    await getToken(reuse)

    clock.advance(hourMs - 200_000)
    expect(await getToken(reuse)).toBe('ya29.token-1')
    await expect.poll(() => getToken(reuse)).toBe('ya29.token-2')
    expect(await getToken({ forceRefresh: true })).toBe('ya29.token-3')
    expect(server.seen.length).toBe(3)
  })

  test('that Google does not accept is named in the error, with its words', async () => {
    useEnvironment({})
    const server = await startServer(() => ({
      ...json({ error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }),
      status: 400,
    }))
    const credentialsFile = await writeServiceAccount()

    await expect(
      createGoogleToken({ project, credentialsFile, tokenUrl: server.url })(reuse),
    ).rejects.toThrow(
      new RegExp(
        `^no credential from the file ${credentialsFile}: .*invalid_grant.*Check that the file exists`,
      ),
    )
  })

  test('can be replaced by the login of a user or by a federation, but not by any file', async () => {
    useEnvironment({})
    const server = await startTokenServer()
    const write = (content: object) => writeTemporary('file.json', JSON.stringify(content))
    const user = await write({
      type: 'authorized_user',
      client_id: 'id',
      client_secret: 'of-gcloud',
      refresh_token: '1//refresh',
    })
    const federation = await write({
      type: 'external_account',
      audience:
        '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: server.url,
      credential_source: { file: await writeTemporary('subject.token', 'eyJ.foreign.token') },
    })

    expect(await createGoogleToken({ project, credentialsFile: user, tokenUrl: server.url })(reuse)).toBe(
      'ya29.token-1',
    )
    expect(await createGoogleToken({ project, credentialsFile: federation })(reuse)).toBe('ya29.token-2')
    await expect(
      createGoogleToken({ project, credentialsFile: await write({ type: 'other' }) })(reuse),
    ).rejects.toThrow(/the file has the type other, not service_account/)
    await expect(
      createGoogleToken({ project, credentialsFile: await write({ type: 'service_account' }) })(reuse),
    ).rejects.toThrow(/the file has no client_email/)
    const forms = server.seen.map(({ body }) => new URLSearchParams(body))
    expect(forms[0]?.get('refresh_token')).toBe('1//refresh')
    expect(forms[1]?.get('subject_token')).toBe('eyJ.foreign.token')
  })

  test('whose file is missing is named in the error', async () => {
    await expect(createGoogleToken({ project, credentialsFile: '/nowhere/key.json' })(reuse)).rejects.toThrow(
      /^no credential from the file \/nowhere\/key\.json: .*Check that the file exists/,
    )
  })
})

describe('application default credentials', () => {
  test('come from the metadata server of Google Cloud', async () => {
    const server = await startServer(({ path }) => {
      const headers = { 'metadata-flavor': 'Google' }
      if (path.includes('/service-accounts/default/token'))
        return {
          ...json({ access_token: 'ya29.of-the-machine', expires_in: 3_599, token_type: 'Bearer' }),
          headers: { ...headers, 'content-type': 'application/json' },
        }
      return { headers, body: path.endsWith('/project-id') ? 'my-project' : 'default/' }
    })
    useEnvironment({
      GCE_METADATA_HOST: server.url.replace('http://', ''),
      METADATA_SERVER_DETECTION: 'assume-present',
    })

    expect(await createGoogleToken({ project })(reuse)).toBe('ya29.of-the-machine')
    const tokenRequest = server.seen.find(({ path }) => path.includes('/token'))
    expect(tokenRequest?.headers['metadata-flavor']).toBe('Google')
  })

  test('come from workload identity federation: a foreign token is exchanged at STS', async () => {
    const server = await startServer(() =>
      json({
        access_token: 'ya29.federated',
        issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
        token_type: 'Bearer',
        expires_in: 3_600,
      }),
    )
    const subject = await writeTemporary('subject.token', 'eyJ.foreign.token')
    const configuration = {
      type: 'external_account',
      audience:
        '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${server.url}/v1/token`,
      credential_source: { file: subject },
    }
    const file = await writeTemporary('external.json', JSON.stringify(configuration))
    useEnvironment({ GOOGLE_APPLICATION_CREDENTIALS: file })

    expect(await createGoogleToken({ project })(reuse)).toBe('ya29.federated')
    const form = new URLSearchParams(server.seen[0]?.body)
    expect(form.get('subject_token')).toBe('eyJ.foreign.token')
    expect(form.get('audience')).toBe(configuration.audience)
  })

  test('that do not exist are explained', async () => {
    useEnvironment({ METADATA_SERVER_DETECTION: 'none' })

    await expect(createGoogleToken({ project })(reuse)).rejects.toThrow(
      /^no credential from Google's application default credentials: .*Run `gcloud auth application-default login`/,
    )
  })
})

/** Issues tokens of one hour, each with its number. */
function startTokenServer(): Promise<CredentialServer> {
  let issued = 0
  return startServer(() => {
    issued += 1
    return json({ access_token: `ya29.token-${issued}`, expires_in: 3_600, token_type: 'Bearer' })
  })
}

function writeServiceAccount(): Promise<string> {
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2_048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  return writeTemporary(
    'account.json',
    JSON.stringify({
      type: 'service_account',
      project_id: 'my-project',
      private_key_id: 'key-1',
      private_key: privateKey,
      client_email: 'gateway@my-project.iam.gserviceaccount.com',
      token_uri: 'https://oauth2.googleapis.com/token',
    }),
  )
}

function readClaims(assertion: string | null): unknown {
  return JSON.parse(Buffer.from(assertion?.split('.')[1] ?? '', 'base64url').toString())
}

function json(value: object): Answer {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

async function writeTemporary(name: string, text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anthology-google-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, name)
  await writeFile(file, text)
  return file
}
