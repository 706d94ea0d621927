import { mkdtempSync, rmSync } from 'node:fs'
import { Agent, createServer, request } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createAccount, createGateway, defaultLimits } from '@anthology/gateway'

import type { Answer, Asking } from '../../../gateway/test/http-client.ts'
import { describeCloud } from '../clouds.ts'
import { encodeEvents, getStreamType } from '../platform-answers.ts'
import type { UpstreamPlatform } from '../platform-answers.ts'

/** A request as the upstream received it. */
export interface SentRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}

/** What the upstream answers: a message, or the events of a stream. */
export interface UpstreamAnswer {
  readonly message: object
  readonly events: readonly object[]
}

/** A gateway with one upstream that records what it receives. */
export interface Rig {
  readonly platform: UpstreamPlatform
  /** Sends a request; `sent` is null if the gateway sent nothing. */
  readonly send: (
    path: string,
    asking: Asking,
    answer: UpstreamAnswer,
  ) => Promise<{ readonly answer: Answer; readonly sent: SentRequest | null }>
  readonly close: () => Promise<void>
}

export const rigKey = 'sk-anthology-key-of-the-fidelity-report'

export async function startRig(platform: UpstreamPlatform): Promise<Rig> {
  let sent: SentRequest | null = null
  let next: UpstreamAnswer = { message: {}, events: [] }
  const server = createServer((incoming, response) => {
    const pieces: Buffer[] = []
    incoming.on('data', (piece: Buffer) => pieces.push(piece))
    incoming.on('end', () => {
      const text = Buffer.concat(pieces).toString()
      const path = incoming.url ?? ''
      // The gateway sends objects, and the tests compare their members.
      const body = JSON.parse(text) as SentRequest['body']
      sent = { path, headers: incoming.headers, body, text }
      const isStream = /stream/i.test(path) || body['stream'] === true
      const events = next.events.map(encodeEvent)
      response.setHeader('content-type', isStream ? getStreamType(platform) : 'application/json')
      response.end(isStream ? encodeEvents(platform, events) : JSON.stringify(next.message))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // The address has this type because the server listens on a port.
  const { port } = server.address() as AddressInfo
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-fidelity-'))
  const cloud = describeCloud(platform === 'bedrock' ? 'invoke' : platform, `http://127.0.0.1:${port}`)
  // Every model is offered there.
  const config = cloud.platform === 'vertex' ? { ...cloud, location: 'global' } : cloud
  const account = createAccount(config, defaultLimits)
  const gateway = await createGateway({
    accounts: [account],
    dataFolder,
    keys: [{ id: 'key_local', name: 'local', secret: rigKey }],
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const agent = new Agent({ keepAlive: true })
  return {
    platform,
    async send(path, { headers, ...asking }, answer) {
      sent = null
      next = answer
      const own = { 'content-type': 'application/json', 'x-api-key': rigKey, ...headers }
      const got = await ask(url + path, { ...asking, headers: own }, agent)
      return { answer: got, sent }
    },
    async close() {
      agent.destroy()
      await gateway.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      rmSync(dataFolder, { recursive: true })
    },
  }
}

export function encodeEvent(event: object): string {
  return `event: ${String(Object(event)['type'])}\ndata: ${JSON.stringify(event)}\n\n`
}

/** Posts on a connection that stays open: the report makes thousands of calls. */
function ask(url: string, { headers = {}, body }: Asking, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: 'POST', headers, agent }, (response) => {
      const pieces: Buffer[] = []
      response.on('data', (piece: Buffer) => pieces.push(piece))
      response.on('error', reject)
      response.on('end', () => {
        const whole = Buffer.concat(pieces)
        const { statusCode: status = 0, headers: got } = response
        resolve({ status, headers: got, body: whole, text: whole.toString() })
      })
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
