import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { check, checkCall, readFacts, models, nameOn } from '@anthology/catalog'
import type { CheckOptions, Finding, FoundryHosting, Model, Platform } from '@anthology/catalog'
import { createEmulator, mediaReader } from '@anthology/emulator'
import { createGateway } from '@anthology/gateway'
import { bedrockTexts, findSystemEntryProblem, formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { ApiVersion, Upstream } from '@anthology/wire'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { selectBetas } from '../gateway/src/upstreams/beta-policy.ts'
import { sentRequest } from './generated-requests.ts'
import type { Sent } from './generated-requests.ts'

/**
 * The schema in `wire` and the rules in `catalog` are the only definition of invalid requests. The emulator, the gateway
 * and `anthology check` use them, so they reject the same requests with the same messages.
 */
const days = ['2024-10-01', '2025-08-15', '2025-12-01', '2026-05-01', '2026-11-22'] as const

const modelId = fc.constantFrom(...models.map(({ id }) => id))

test('the emulator rejects what the schema or a rule rejects, with the first message', async () => {
  const modes = fc.constantFrom('ignore' as const, 'warn' as const, 'enforce' as const)

  await fc.assert(
    fc.asyncProperty(
      sentRequest,
      modelId,
      fc.constantFrom(...days),
      modes,
      async (sent, id, asOf, lifecycle) => {
        const model = findModel(id)
        const where = { platform: 'anthropic', asOf, lifecycle, unknownBetas: 'refused' } as const
        const emulator = createEmulator({ asOf, lifecycle })

        const { status, message } = await post(emulator.fetch, 'http://emulator', sent, model)

        expect(message).toBe(findRefusal(sent, model, where))
        expect(status === 200).toBe(message === null)
      },
    ),
    { numRuns: 400 },
  )
})

test('the emulator rejects on Bedrock and Vertex AI what the rules reject there', async () => {
  const platforms = fc.constantFrom('bedrock' as const, 'vertex' as const)

  await fc.assert(
    fc.asyncProperty(
      sentRequest,
      modelId,
      platforms,
      fc.constantFrom(...days),
      async ({ body: { stream: _stream, ...body }, ...sender }, id, platform, asOf) => {
        // On these platforms the path selects streaming, and the paths of this test do not stream.
        const sent = { ...sender, body }
        const model = findModel(id)
        fc.pre(cloudPath(model, platform) !== null)
        const where = { platform, asOf, unknownBetas: 'refused' } as const
        const emulator = createEmulator({ asOf })

        const { status, message } = await postToCloud(emulator.fetch, sent, model, platform)

        const expected = findRefusal(sent, model, where)
        expect(status === 200).toBe(expected === null)
        // For older models, Bedrock puts a sentence before the text.
        if (expected !== null) expect([expected, bedrockTexts.ofModel(expected)]).toContain(message)
      },
    ),
    { numRuns: 400 },
  )
})

test('the gateway rejects no more than `check`, and the emulator behind it the rest with the same messages', async () => {
  const emulator = createEmulator()
  const gateway = await startGateway({ platform: 'anthropic' }, emulator)

  await fc.assert(
    fc.asyncProperty(sentRequest, modelId, async (sent, id) => {
      const model = findModel(id)
      const direct = await post(emulator.fetch, 'http://emulator', sent, model)
      const asked = gateway.asked()

      const answer = await post(fetch, gateway.url, sent, model)

      expect(answer.status).toBe(direct.status)
      if (gateway.asked() > asked) expect(answer).toEqual(direct)
      else expect(listErrors(sent, model, { platform: 'anthropic' })).toContain(answer.message)
    }),
    { numRuns: 300 },
  )
})

test.each([['bedrock'], ['vertex'], ['foundry', 'azure']] as const)(
  'the gateway rejects no more than `check` for an upstream on %s',
  async (platform, hosting?: FoundryHosting) => {
    const where = { platform, hosting }
    const gateway = await startGateway(where, createEmulator())
    const offered = models.filter(({ platforms }) => platforms[platform] !== null).map(({ id }) => id)

    await fc.assert(
      fc.asyncProperty(sentRequest, fc.constantFrom(...offered), async (sent, id) => {
        const model = findModel(id)
        const asked = gateway.asked()

        const answer = await post(fetch, gateway.url, sent, model)

        if (gateway.asked() > asked) return
        // The gateway leaves out betas that the platform rejects, so the message may be about a member that needs one.
        const { betas } = selectBetas(sent.betas, platform)
        const errors = listErrors(sent, model, where)
        expect(errors).not.toEqual([])
        expect([...errors, ...listErrors({ ...sent, betas }, model, where)]).toContain(answer.message)
      }),
      { numRuns: 100 },
    )
  },
)

function findModel(id: string): Model {
  const model = models.find((each) => each.id === id)
  if (model === undefined) throw new Error(`there is no ${id}`)
  return model
}

/** The first error of the schema or a rule. */
function findRefusal(sent: Sent, model: Model, where: CheckOptions): string | null {
  const { body, betas, apiVersion } = sent
  const first = errorsIn(checkCall({ betas }, where))[0]
  if (first !== undefined) return first
  const parsed = parseMessagesRequest({ ...body, model: model.id }, { apiVersion, asOf: where.asOf })
  return parsed.ok ? (listErrors(sent, model, where)[0] ?? null) : formatProblem(parsed.problem)
}

function listErrors({ body, betas, apiVersion }: Sent, model: Model, where: CheckOptions): readonly string[] {
  const parsed = parseMessagesRequest({ ...body, model: model.id }, { apiVersion, asOf: where.asOf })
  const problem = parsed.ok ? findSystemEntryProblem(parsed.request.messages) : null
  const facts = {
    ...readFacts(body, createHeaders(betas, apiVersion), { media: mediaReader }),
    system_entry_problem: problem === null ? undefined : formatProblem(problem),
  }
  return errorsIn(check(facts, model, where))
}

function errorsIn(findings: readonly Finding[]): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ message }) => message)
}

interface Answer {
  readonly status: number
  readonly message: string | null
}

async function post(send: typeof fetch, url: string, sent: Sent, model: Model): Promise<Answer> {
  const { body, betas, apiVersion } = sent
  const response = await send(`${url}/v1/messages`, {
    method: 'POST',
    headers: createHeaders(betas, apiVersion),
    body: JSON.stringify({ ...body, model: model.id }),
  })
  return readAnswer(response)
}

const cloudVersions = { bedrock: 'bedrock-2023-05-31', vertex: 'vertex-2023-10-16' } as const

async function postToCloud(
  send: typeof fetch,
  { body, betas, apiVersion }: Sent,
  model: Model,
  platform: 'bedrock' | 'vertex',
): Promise<Answer> {
  const version = apiVersion === '2023-06-01' ? cloudVersions[platform] : apiVersion
  const isBedrock = platform === 'bedrock'
  const response = await send(`http://emulator${cloudPath(model, platform)}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(!isBedrock && { 'anthropic-beta': betas.join(',') }) },
    body: JSON.stringify({
      ...body,
      anthropic_version: version,
      ...(isBedrock && { anthropic_beta: betas }),
    }),
  })
  return readAnswer(response)
}

/** The path of a model on the platform; null if it is not offered. */
function cloudPath(model: Model, platform: 'bedrock' | 'vertex'): string | null {
  const name = nameOn(model, platform, { region: platform === 'vertex' ? 'global' : 'us-east-1' })
  if (name === null || model.platforms[platform] === null) return null
  return platform === 'bedrock'
    ? `/model/${encodeURIComponent(name)}/invoke`
    : `/v1/projects/p/locations/global/publishers/anthropic/models/${name}:rawPredict`
}

async function readAnswer(response: Response): Promise<Answer> {
  const text = await response.text()
  if (response.status === 200) return { status: 200, message: null }
  // An error of the Messages API, or one of AWS or Google Cloud.
  const body = JSON.parse(text) as {
    readonly message?: string
    readonly error?: { readonly message: string }
  }
  return { status: response.status, message: body.error?.message ?? body.message ?? text }
}

function createHeaders(betas: readonly string[], apiVersion: ApiVersion): Record<string, string> {
  return {
    'content-type': 'application/json',
    'anthropic-version': apiVersion,
    'x-api-key': secret,
    ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
  }
}

const secret = 'sk-anthology-key-of-the-test'

/** A gateway with one upstream that counts its requests. */
async function startGateway(
  where: { readonly platform: Platform; readonly hosting?: FoundryHosting | undefined },
  emulator: Upstream,
) {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-one-truth-'))
  let asked = 0
  const upstream: Upstream = {
    send(request, receiver) {
      asked += 1
      return emulator.send(request, receiver)
    },
  }
  const gateway = await createGateway({
    accounts: [{ name: 'emulator', ...where, upstream, secrets: [] }],
    keys: [{ id: 'key_test', name: 'test', secret }],
    dataFolder,
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    await gateway.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })
  return { url, asked: () => asked }
}
