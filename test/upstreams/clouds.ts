import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { Emulator, EmulatorOptions } from '@anthology/emulator'
import { createAccount, defaultLimits } from '@anthology/gateway'
import type { UpstreamConfig } from '@anthology/gateway'
import { onTestFinished } from 'vitest'

import { startGateway } from '../../gateway/test/running-gateway.ts'
import type { RunningGateway } from '../../gateway/test/running-gateway.ts'

/** The ways in which the gateway calls a model. */
export const cloudNames = ['anthropic', 'invoke', 'messages', 'mantle', 'vertex', 'foundry'] as const

export type CloudName = (typeof cloudNames)[number]

export type CloudConfig = Exclude<UpstreamConfig, { platform: 'emulator' }>

/** A model that every platform has, and the catalog's name of it. */
export const model = 'claude-haiku-4-5'

export const awsKeys = {
  accessKeyId: 'AKIAUPSTREAMTESTS001',
  secretAccessKey: 'a-secret-of-the-upstream-tests-000000001',
}
const apiKey = 'sk-ant-key-of-the-upstream-tests'
const googleToken = 'ya29.token-of-the-upstream-tests'
const azureKey = 'azure-key-of-the-upstream-tests'

/** The credentials that the emulator accepts from the clouds' configurations below. */
export const emulatorCredentials: EmulatorOptions = {
  keys: [apiKey, googleToken],
  awsCredentials: [awsKeys],
  foundry: { keys: [azureKey] },
}

/** The configuration of each cloud, as in `anthology.yaml`. */
export function describeCloud(cloud: CloudName, url: string): CloudConfig {
  const aws = { access_key_id: awsKeys.accessKeyId, secret_access_key: awsKeys.secretAccessKey }
  const bedrock = { platform: 'bedrock', name: cloud, region: 'us-east-1', base_url: url, ...aws } as const
  switch (cloud) {
    case 'anthropic':
      return { platform: 'anthropic', name: cloud, base_url: url, api_key: apiKey }
    case 'invoke':
    case 'messages':
    case 'mantle':
      return { ...bedrock, surface: cloud }
    case 'vertex':
      return {
        platform: 'vertex',
        name: cloud,
        project: 'my-project',
        location: 'europe-west1',
        base_url: url,
        access_token: googleToken,
      }
    case 'foundry':
      return { platform: 'foundry', name: cloud, base_url: `${url}/anthropic`, api_key: azureKey }
  }
}

/** The figures of a call on each cloud: the price of a region is a tenth higher from the 4.5 generation on. */
export const regionalPremium: Readonly<Record<CloudName, boolean>> = {
  anthropic: false,
  invoke: true,
  messages: true,
  mantle: true,
  vertex: true,
  foundry: false,
}

export interface CloudRig {
  readonly gateway: RunningGateway
  readonly emulator: Emulator
}

/** A gateway with one cloud behind it, over sockets, until the end of the test. */
export async function startCloud(cloud: CloudName, options: EmulatorOptions = {}): Promise<CloudRig> {
  const emulator = createEmulator({ ...emulatorCredentials, ...options })
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  const gateway = await startBefore([describeCloud(cloud, server.url)])
  onTestFinished(() => server.close())
  return { gateway, emulator }
}

/** A gateway with upstreams of the test's own. */
export function startBefore(configs: readonly CloudConfig[]): Promise<RunningGateway> {
  return startGateway({ accounts: configs.map((config) => createAccount(config, defaultLimits)) })
}
