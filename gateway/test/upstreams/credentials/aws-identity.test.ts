import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, onTestFinished, test } from 'vitest'

import { createAwsIdentity } from '../../../src/upstreams/credentials/aws-identity.ts'
import { createLearnedSecrets } from '../../../src/upstreams/credentials/learned-secrets.ts'
import { createClock, startServer, useEnvironment } from './credential-server.ts'
import type { Answer, CredentialServer } from './credential-server.ts'

const region = 'us-east-1'
const reuse = { forceRefresh: false }
const hourMs = 3_600_000
const roleArn = 'arn:aws:iam::123456789012:role/claude'
const user = { accessKeyId: 'AKIAEXAMPLEEXAMPLE01', secretAccessKey: 'a-secret-of-a-user-0123456789' }

describe('the default chain', () => {
  test('takes access keys from the environment', async () => {
    useEnvironment({ AWS_ACCESS_KEY_ID: user.accessKeyId, AWS_SECRET_ACCESS_KEY: user.secretAccessKey })

    expect(await createAwsIdentity({ region })(reuse)).toMatchObject(user)
  })

  test('takes a profile from the shared files, by AWS_PROFILE or by the name in the configuration', async () => {
    const file = await writeTemporary(
      `[one]\naws_access_key_id = AKIAONE\naws_secret_access_key = first\n[two]\naws_access_key_id = AKIATWO\naws_secret_access_key = second\n`,
    )
    useEnvironment({ AWS_SHARED_CREDENTIALS_FILE: file, AWS_PROFILE: 'one' })

    expect(await createAwsIdentity({ region })(reuse)).toMatchObject({ accessKeyId: 'AKIAONE' })
    expect(await createAwsIdentity({ region, profileName: 'two' })(reuse)).toMatchObject({
      accessKeyId: 'AKIATWO',
    })
  })

  test('runs the credential_process of a profile', async () => {
    const printed = JSON.stringify({
      Version: 1,
      AccessKeyId: 'AKIAPROCESS',
      SecretAccessKey: 'of-a-process',
    })
    const script = await writeTemporary(`process.stdout.write(${JSON.stringify(printed)})`)
    const file = await writeTemporary(`[profile p]\ncredential_process = "${process.execPath}" "${script}"\n`)
    useEnvironment({ AWS_CONFIG_FILE: file })

    expect(await createAwsIdentity({ region, profileName: 'p' })(reuse)).toMatchObject({
      accessKeyId: 'AKIAPROCESS',
    })
  })

  test('exchanges the token of a workload (EKS) at STS', async () => {
    const sts = await startSts()
    const tokenFile = await writeTemporary('eyJ.workload.token')
    useEnvironment({
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_ARN: roleArn,
      AWS_ROLE_SESSION_NAME: 'pod-7',
      AWS_ENDPOINT_URL_STS: sts.url,
    })

    expect(await createAwsIdentity({ region })(reuse)).toMatchObject({
      accessKeyId: 'ASIASESSIONpod-71',
      sessionToken: 'token-of-pod-7-1',
    })
    const form = new URLSearchParams(sts.seen[0]?.body)
    expect(form.get('Action')).toBe('AssumeRoleWithWebIdentity')
    expect(form.get('WebIdentityToken')).toBe('eyJ.workload.token')
  })

  test('asks the metadata server of a container (ECS, EKS Pod Identity) with its token', async () => {
    const server = await startServer(() => json(metadataCredentials('AKIACONTAINER', hourMs)))
    useEnvironment({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${server.url}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic of-the-container',
    })

    expect(await createAwsIdentity({ region })(reuse)).toMatchObject({ accessKeyId: 'AKIACONTAINER' })
    expect(server.seen[0]).toMatchObject({
      path: '/v1/credentials',
      headers: { authorization: 'Basic of-the-container' },
    })
  })

  test('asks the metadata server of an EC2 instance, and again five minutes before the end', async () => {
    const clock = createClock()
    let issued = 0
    const server = await startServer(({ method, path }) => {
      if (method === 'PUT')
        return { body: 'session', headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '21600' } }
      if (path.endsWith('/security-credentials/')) return { body: 'instance-role' }
      issued += 1
      return json(metadataCredentials(`AKIAINSTANCE${issued}`, hourMs))
    })
    useEnvironment({ AWS_EC2_METADATA_DISABLED: 'false', AWS_EC2_METADATA_SERVICE_ENDPOINT: server.url })
    const getIdentity = createAwsIdentity({ region, nowMs: clock.nowMs })

    expect(await getIdentity(reuse)).toMatchObject({ accessKeyId: 'AKIAINSTANCE1' })
    clock.advance(hourMs - 200_000)
    expect(await getIdentity(reuse)).toMatchObject({ accessKeyId: 'AKIAINSTANCE1' })
    await expect.poll(() => issued).toBe(2)
    await expect.poll(async () => (await getIdentity(reuse)).accessKeyId).toBe('AKIAINSTANCE2')
    expect(server.seen.at(-1)?.headers['x-aws-ec2-metadata-token']).toBe('session')
  })

  test('says what was tried and what to do if there is no credential', async () => {
    useEnvironment({})

    await expect(createAwsIdentity({ region })(reuse)).rejects.toThrow(
      /^no credential from the AWS default chain \(.*\): .*Give the upstream profile_name, role_arn/,
    )
    await expect(createAwsIdentity({ region, profileName: 'absent' })(reuse)).rejects.toThrow(
      /^no credential from the AWS profile absent: .*Check the profile/,
    )
  })
})

describe('a role', () => {
  test('has a session for each name, which AWS shows in its bill', async () => {
    const sts = await startSts()
    const getIdentity = createRoleIdentity(sts)

    const research = await getIdentity({ ...reuse, sessionName: 'research' })
    const again = await getIdentity({ ...reuse, sessionName: 'research' })
    const odd = await getIdentity({ ...reuse, sessionName: 'Ünits & more/…' })
    await getIdentity(reuse)

    expect(again).toBe(research)
    expect(research.accessKeyId).toBe('ASIASESSIONresearch1')
    expect(odd.sessionToken).toMatch(/^token-of-[\w-]+-1$/)
    const forms = sts.seen.map(({ body }) => new URLSearchParams(body))
    expect(forms.map((form) => form.get('RoleSessionName'))).toEqual([
      'research',
      '-nits---more--',
      'anthology',
    ])
    expect(forms[0]?.get('RoleArn')).toBe(roleArn)
    expect(forms[0]?.get('ExternalId')).toBe('external-1')
    expect(sts.seen[0]?.headers.authorization).toContain(`Credential=${user.accessKeyId}/`)
  })

  test('is assumed anew when a session is rejected', async () => {
    const sts = await startSts()
    const getIdentity = createRoleIdentity(sts)
    await getIdentity({ ...reuse, sessionName: 'a1' })

    const renewed = await getIdentity({ forceRefresh: true, sessionName: 'a1' })

    expect(renewed.sessionToken).toBe('token-of-a1-2')
    expect(sts.seen.length).toBe(2)
  })

  test('is assumed with the credentials of the default chain if there are no other ones', async () => {
    const sts = await startSts()
    useEnvironment({ AWS_ACCESS_KEY_ID: 'AKIAFROMTHECHAIN0001', AWS_SECRET_ACCESS_KEY: 'secret' })

    await createAwsIdentity({ region, role: { arn: roleArn, stsUrl: sts.url } })(reuse)

    expect(sts.seen[0]?.headers.authorization).toContain('Credential=AKIAFROMTHECHAIN0001/')
  })

  test('that may not be assumed is named in the error, with the words of AWS', async () => {
    const sts = await startServer(() => ({
      status: 403,
      headers: { 'content-type': 'text/xml' },
      body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User is not authorized to perform: sts:AssumeRole</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
    }))

    await expect(createRoleIdentity(sts)({ ...reuse, sessionName: 'a1' })).rejects.toThrow(
      /no credential from the role arn:aws:iam::123456789012:role\/claude \(session a1\): User is not authorized to perform: sts:AssumeRole\. Check that/,
    )
  })

  test('gives its secrets to the redaction', async () => {
    const sts = await startSts()
    const learned = createLearnedSecrets()

    await createAwsIdentity({ region, keys: user, role: { arn: roleArn, stsUrl: sts.url }, learned })({
      ...reuse,
      sessionName: 'a1',
    })

    expect(learned.list).toEqual(['secret-of-a1-1', 'token-of-a1-1'])
    // The other one signs requests, and no request carries it.
    expect(learned.sent).toEqual(['token-of-a1-1'])
  })
})

function createRoleIdentity({ url }: CredentialServer) {
  return createAwsIdentity({
    region,
    keys: user,
    role: { arn: roleArn, externalId: 'external-1', stsUrl: url },
  })
}

/** AssumeRole and AssumeRoleWithWebIdentity of the AWS Security Token Service, in the XML of its query protocol. */
function startSts(): Promise<CredentialServer> {
  const issued = new Map<string, number>()
  return startServer(({ body }) => {
    const form = new URLSearchParams(body)
    const action = form.get('Action') ?? ''
    const session = form.get('RoleSessionName') ?? ''
    const count = (issued.get(session) ?? 0) + 1
    issued.set(session, count)
    const expiration = new Date(Date.now() + hourMs).toISOString()
    return {
      headers: { 'content-type': 'text/xml' },
      body: `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>
<AssumedRoleUser><AssumedRoleId>AROA:${session}</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/claude/${session}</Arn></AssumedRoleUser>
<Credentials><AccessKeyId>ASIASESSION${session}${count}</AccessKeyId><SecretAccessKey>secret-of-${session}-${count}</SecretAccessKey><SessionToken>token-of-${session}-${count}</SessionToken><Expiration>${expiration}</Expiration></Credentials>
</${action}Result><ResponseMetadata><RequestId>c6104cbe</RequestId></ResponseMetadata></${action}Response>`,
    }
  })
}

function metadataCredentials(accessKeyId: string, leftMs: number): object {
  return {
    Code: 'Success',
    AccessKeyId: accessKeyId,
    SecretAccessKey: 'secret-of-the-metadata-server',
    Token: 'token-of-the-metadata-server',
    Expiration: new Date(Date.now() + leftMs).toISOString(),
  }
}

function json(value: object): Answer {
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) }
}

async function writeTemporary(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'anthology-aws-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'file')
  await writeFile(file, text)
  return file
}
