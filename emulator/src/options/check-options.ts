import { isDay } from '@anthology/catalog'

import { suggestName } from '../scenario/did-you-mean.ts'

/** The values that an option accepts: the test, and the words for it. */
interface Kind {
  readonly allowed: string
  readonly accepts: (value: unknown) => boolean
  /** The members of an object. */
  readonly members?: Kinds
}

type Kinds = Readonly<Record<string, Kind>>

/**
 * Throws a TypeError for a member that does not exist, or whose value the emulator would misread: a typing error would
 * otherwise have no effect. The members of `scenario` and `replay` are checked where they are read.
 */
export function checkOptions(options: unknown): void {
  checkMembers('', options, optionKinds)
}

function checkMembers(place: string, value: unknown, kinds: Kinds): void {
  if (!isObject(value))
    throw new TypeError(`createEmulator: the options must be an object, not ${print(value)}`)
  for (const [name, member] of Object.entries(value)) {
    const path = `${place}${name}`
    const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined
    if (kind === undefined) throw new TypeError(describeUnknown(path, name, kinds))
    if (member === undefined) continue
    if (!kind.accepts(member))
      throw new TypeError(`createEmulator: ${path} must be ${kind.allowed}, not ${print(member)}`)
    if (kind.members !== undefined) checkMembers(`${path}.`, member, kind.members)
  }
}

function describeUnknown(path: string, name: string, kinds: Kinds): string {
  const known = Object.keys(kinds)
  const near = suggestName(name, known)
  const hint = near === null ? `The options are ${known.join(', ')}.` : `Did you mean ${near}?`
  return `createEmulator: there is no option ${path}. ${hint}`
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const text: Kind = { allowed: 'a text', accepts: (value) => typeof value === 'string' }
const callback: Kind = { allowed: 'a function', accepts: (value) => typeof value === 'function' }
const object: Kind = { allowed: 'an object', accepts: isObject }

function acceptNumber(least: number, allowed: string): Kind {
  return { allowed, accepts: (value) => typeof value === 'number' && value >= least && value < Infinity }
}

function acceptWords(...values: readonly string[]): Kind {
  return {
    allowed: values.map((value) => `'${value}'`).join(' or '),
    accepts: (value) => values.some((known) => known === value),
  }
}

function acceptObject(members: Kinds): Kind {
  return { ...object, members }
}

function acceptList(allowed: string, accepts: (item: unknown) => boolean): Kind {
  return { allowed, accepts: (value) => Array.isArray(value) && value.every(accepts) }
}

function acceptNull({ allowed, accepts }: Kind): Kind {
  return { allowed: `${allowed}, or null`, accepts: (value) => value === null || accepts(value) }
}

const keys = acceptNull(acceptList('a list of texts', (item) => typeof item === 'string'))
const perMinute = acceptNumber(1, 'a number from 1')
const tokensPerMinute: Kinds = { inputTokensPerMinute: perMinute, outputTokensPerMinute: perMinute }

const optionKinds: Kinds = {
  seed: text,
  now: callback,
  models: {
    allowed: 'a list of models of the catalog, at least one',
    accepts: (value) =>
      Array.isArray(value) &&
      value.length > 0 &&
      value.every((one) => isObject(one) && text.accepts(one['id'])),
  },
  tokensPerSecond: acceptNumber(0, 'a number from 0'),
  lifecycle: acceptWords('ignore', 'warn', 'enforce'),
  asOf: {
    allowed: 'a day, such as 2025-08-15',
    accepts: (value) => typeof value === 'string' && isDay(value),
  },
  keys,
  awsCredentials: acceptNull(
    acceptList('a list of objects with accessKeyId and secretAccessKey', (item) =>
      ['accessKeyId', 'secretAccessKey'].every((name) => isObject(item) && text.accepts(item[name])),
    ),
  ),
  foundry: acceptObject({
    keys,
    deployments: {
      allowed: 'an object with a model for each name',
      accepts: (value) => isObject(value) && Object.values(value).every(text.accepts),
    },
    hosting: acceptWords('azure', 'anthropic'),
  }),
  capacity: acceptObject({
    limits: acceptObject({
      requestsPerMinute: perMinute,
      countRequestsPerMinute: perMinute,
      ...tokensPerMinute,
    }),
    priority: acceptObject(tokensPerMinute),
    fast: acceptObject(tokensPerMinute),
  }),
  batchDurationMs: acceptNumber(0, 'a number of milliseconds from 0'),
  keepRequests: { allowed: 'true or false', accepts: (value) => typeof value === 'boolean' },
  idSeed: text,
  requestIds: callback,
  scenario: object,
  replay: object,
}

const maxPrintedChars = 80

function print(value: unknown): string {
  if (typeof value === 'function') return 'a function'
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'number') return String(value)
  const json = JSON.stringify(value) ?? 'undefined'
  return json.length > maxPrintedChars ? `${json.slice(0, maxPrintedChars)}…` : json
}
