import { randomUUID } from 'node:crypto'

import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { AwsCredentials, CapacityOptions, EmulatorOptions, Scenario } from '@anthology/emulator'

import { asUsage, cassetteOptions, readCassettes } from '../cassette-options.ts'
import { lifecycleModes, readChoice } from '../catalog-options.ts'
import { UsageError, getText, listTexts } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { finishVerification, readScenario, readVerification, scenarioOptions } from '../emulate-scenario.ts'
import { readAwsCredentials } from '../aws-credentials.ts'
import { listenOptions, readHost, readPort } from '../listen-options.ts'
import { parseDay } from '../model-name.ts'
import { createReachableUrl } from '../server-address.ts'
import { untilStopped } from '../stop.ts'

const defaultPort = 7272

export const command: Command = {
  name: 'emulate',
  summary: 'Start the offline emulator without the gateway',
  usage:
    '[--port N] [--host ADDRESS] [--scenario FILE ...] [--verify [--junit FILE]] [--record DIR | --replay PATH] [--upstream URL] [--mode MODE] [--seed TEXT] [--tokens-per-second N] [--as-of DAY] [--lifecycle MODE] [--capacity LIMITS] [--key KEY ...] [--aws-pair ID:SECRET ...] [--allow-host NAME ...] [--no-control]',
  example: 'anthology emulate --scenario scenario.yaml --verify',
  options: {
    ...listenOptions,
    // Unlike the gateway's, this port has no variable, because both may run side by side.
    port: { type: 'string', value: 'N', help: `port to listen on (default ${defaultPort})` },
    ...scenarioOptions,
    seed: {
      type: 'string',
      value: 'TEXT',
      help: 'seed of the answers: the same request and seed give the same answer',
    },
    'tokens-per-second': { type: 'string', value: 'N', help: 'speed of streams (default: unlimited)' },
    'as-of': { type: 'string', value: 'DAY', help: 'day whose facts apply, YYYY-MM-DD (default today)' },
    lifecycle: {
      type: 'string',
      value: 'MODE',
      help: 'how to treat a retired model: ignore (default: serve it), warn or enforce (404)',
    },
    capacity: {
      type: 'string',
      value: 'LIMITS',
      help: 'reject what exceeds these rate limits per minute, e.g. requests=50,input=40000,output=8000 (default: nothing is rejected)',
    },
    ...cassetteOptions,
    key: {
      type: 'string',
      value: 'KEY',
      multiple: true,
      help: 'accept only this key (default: any key, or none)',
    },
    'aws-pair': {
      type: 'string',
      value: 'ID:SECRET',
      multiple: true,
      help: 'accept only signatures with these AWS credentials on the Bedrock paths (default: any signature, or none; ANTHOLOGY_AWS_ACCESS_KEY_ID with ANTHOLOGY_AWS_SECRET_ACCESS_KEY)',
    },
    'allow-host': {
      type: 'string',
      value: 'NAME',
      multiple: true,
      help: 'accept this name in the Host header too (default on a loopback address: only names of this machine)',
    },
  },
  withoutWords: 'See anthology emulate --help.',
  async run(context, values) {
    const verification = readVerification(context, values)
    const scenario = await readScenario(context, values)
    const options = readEmulatorOptions(context, values)
    const cassettes = readCassettes(context, values)
    if (cassettes !== null && options.keys !== null)
      throw new UsageError('--key has no effect on recordings', 'Leave --key out with --record and --replay.')
    const emulator = asUsage(() =>
      createEmulator({
        ...options,
        ...(scenario === undefined ? {} : { scenario }),
        ...(cassettes === null ? {} : { replay: cassettes.replay }),
        // Otherwise the first call of the control API starts the log.
        keepRequests: scenario !== undefined || verification.isWanted,
      }),
    )
    const port = readPort(getText(values, 'port')) ?? defaultPort
    const host = readHost(getText(values, 'host')) ?? '127.0.0.1'
    const allowedHosts = listTexts(values, 'allow-host')
    const control = values['no-control'] !== true
    const server = await listenEmulator(emulator, { port, host, allowedHosts, control })
    // Installed before the greeting is printed, because its reader may stop the server at once.
    const stopped = untilStopped(context, 'Stopping; running calls are cut off.')
    const asJson = values['json'] === true
    if (asJson) context.out(JSON.stringify({ url: server.url }))
    else {
      const recordings = cassettes?.greeting ?? null
      greet(context, server.url, { host, takesKeys: options.keys !== null, scenario, recordings })
    }
    await stopped
    await server.close()
    await cassettes?.close()
    if (!verification.isWanted) return 0
    const recordings = cassettes?.replay.cassettes.list().map(({ label }) => label) ?? null
    return finishVerification(context, emulator, { junitFile: verification.junitFile, asJson, recordings })
  },
}

function readEmulatorOptions({ env }: Context, values: Values): EmulatorOptions {
  const seed = getText(values, 'seed')
  const asOf = parseDay(getText(values, 'as-of'))
  const lifecycle = readChoice(values, 'lifecycle', lifecycleModes)
  const capacity = readCapacity(getText(values, 'capacity'))
  return {
    idSeed: randomUUID(),
    ...(seed === undefined ? {} : { seed }),
    ...(asOf === undefined ? {} : { asOf }),
    ...(lifecycle === undefined ? {} : { lifecycle }),
    ...(capacity === undefined ? {} : { capacity }),
    tokensPerSecond: readSpeed(getText(values, 'tokens-per-second')),
    keys: Array.isArray(values['key']) ? values['key'].map(String) : null,
    awsCredentials: listAwsCredentials(values, env),
  }
}

function readSpeed(text: string | undefined): number {
  if (text === undefined) return 0
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw new UsageError(
    `--tokens-per-second must be a number above 0, not ${JSON.stringify(text)}`,
    'Leave it out for unlimited speed.',
  )
}

/** All three limits: the API's headers state each of them. */
function readCapacity(text: string | undefined): CapacityOptions | undefined {
  if (text === undefined) return undefined
  const entries = text.split(',').map((part) => capacityEntry.exec(part.trim())?.groups ?? {})
  const [requestsPerMinute, input, output] = (['requests', 'input', 'output'] as const).map((name) =>
    Number(entries.find((entry) => entry['name'] === name)?.['count'] ?? 0),
  )
  if (entries.length === 3 && requestsPerMinute && input && output)
    return { limits: { requestsPerMinute, inputTokensPerMinute: input, outputTokensPerMinute: output } }
  throw new UsageError(
    `--capacity must have three limits above 0, not ${JSON.stringify(text.slice(0, 80))}`,
    'For example --capacity requests=50,input=40000,output=8000.',
  )
}

const capacityEntry = /^(?<name>requests|input|output)=(?<count>\d{1,12})$/

/** Null if there are none: signatures are then not checked. */
function listAwsCredentials(values: Values, env: Context['env']): readonly AwsCredentials[] | null {
  const own = readAwsCredentials(env)
  const credentials = [
    ...listTexts(values, 'aws-pair').map(parseCredentials),
    ...(own === undefined ? [] : [own]),
  ]
  return credentials.length === 0 ? null : credentials
}

function parseCredentials(text: string): AwsCredentials {
  const { id, secret } = /^(?<id>\w+):(?<secret>.+)$/.exec(text)?.groups ?? {}
  if (id !== undefined && secret !== undefined) return { accessKeyId: id, secretAccessKey: secret }
  // The value is not repeated: it may be a secret.
  throw new UsageError('--aws-pair needs an access key id and its secret', 'Write them as ID:SECRET.')
}

interface GreetingFacts {
  readonly host: string
  readonly takesKeys: boolean
  readonly scenario: Scenario | undefined
  /** A line about recordings; null: there are none. */
  readonly recordings: string | null
}

function greet(
  { out }: Context,
  url: string,
  { host, takesKeys, scenario, recordings }: GreetingFacts,
): void {
  out(
    `The emulator listens on ${url} and accepts ${takesKeys ? 'only the given keys' : 'any key'}. Press Ctrl-C to stop it.`,
  )
  if (recordings !== null) out(recordings)
  const base = createReachableUrl(url, host)
  out('')
  if (scenario !== undefined) out(`  Scenario   ${countRules(scenario)}`)
  out(`  Anthropic  ANTHROPIC_BASE_URL=${base}`)
  out(`  Bedrock    ANTHROPIC_BEDROCK_BASE_URL=${base}  (AWS SDKs: AWS_ENDPOINT_URL_BEDROCK_RUNTIME=${base})`)
  out(`  Vertex     ANTHROPIC_VERTEX_BASE_URL=${base}/v1`)
}

function countRules({ rules }: Scenario): string {
  return rules.length === 1 ? '1 rule' : `${rules.length} rules`
}
