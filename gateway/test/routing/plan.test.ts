import { models, resolve } from '@anthology/catalog'
import { expect, test } from 'vitest'
import * as fc from 'fast-check'

import type { HealthState } from '../../src/routing/health.ts'
import { planCall } from '../../src/routing/plan.ts'
import type { Plan, PlanRequest } from '../../src/routing/plan.ts'
import { rankByConversation } from '../../src/routing/rank.ts'
import { createRoutingOrder } from '../../src/routing/routing-config.ts'
import type { RoutingConfig } from '../../src/routing/routing-config.ts'
import type { UpstreamAccount } from '../../src/upstreams/account.ts'
import { bedrockAdapter } from '../../src/upstreams/bedrock.ts'
import { readOwnPrice } from '../../src/upstreams/own-price.ts'
import type { OwnPrice } from '../../src/upstreams/own-price.ts'
import { createForeignModel } from '../../src/upstreams/foreign-model.ts'

const opus = 'claude-opus-4-1-20250805'

test("uses the model's name on each platform and in each region", () => {
  const accounts = [
    account('claude', 'anthropic'),
    account('us', 'bedrock', 'us-east-1'),
    account('eu', 'vertex', 'europe-west1'),
  ]

  const { attempts, excluded } = plan({ model: getModel('claude-sonnet-4-5') }, { accounts })

  expect(attempts.map(({ account: { name }, modelName }) => [name, modelName])).toEqual([
    ['claude', 'claude-sonnet-4-5-20250929'],
    ['us', 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'],
    ['eu', 'claude-sonnet-4-5@20250929'],
  ])
  expect(excluded).toEqual([])
})

test("prefers an upstream's own name of a model", () => {
  const arn = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc'
  const bedrock = {
    ...account('us', 'bedrock', 'us-east-1'),
    models: new Map([['claude-sonnet-4-5-20250929', arn]]),
  }

  const { attempts } = plan({ model: getModel('claude-sonnet-4-5') }, { accounts: [bedrock] })

  expect(attempts.map(({ modelName }) => modelName)).toEqual([arn])
})

test('says why an upstream is not asked', () => {
  const accounts = [
    account('foundry', 'foundry'),
    account('claude', 'anthropic'),
    account('us', 'bedrock', 'us-east-1'),
    account('other', 'anthropic'),
    account('spare', 'anthropic'),
  ]
  const health = (name: string): HealthState =>
    name === 'other' ? { kind: 'open', forMs: 1_200, refusal: null } : { kind: 'healthy' }

  const { attempts, excluded } = plan(
    // Sonnet 4 has no id on Foundry, and Bedrock takes bodies up to 20 MB ("Models overview", "Features overview").
    { model: getModel('claude-sonnet-4-0'), facts: { body_bytes: 25_000_000 } },
    { accounts, health, routing: { groups: [['foundry'], ['claude', 'us'], ['other']] } },
  )

  expect(attempts.map(({ account: { name } }) => name)).toEqual(['claude'])
  expect(excluded.map(({ upstream, because }) => [upstream, because])).toEqual([
    ['spare', 'not_in_groups'],
    ['foundry', 'model_not_offered'],
    ['us', 'rejects_request'],
    ['other', 'circuit_open'],
  ])
  expect(excluded.at(-1)?.detail).toBe('it failed repeatedly; the next try is in 2 s')
})

test.each([
  ['spend', 'its credit or spending limit is exhausted; the next try is in 60 s'],
  ['model', `its account has no access to ${opus}; the next try is in 60 s`],
] as const)('says why an account is refused (%s)', (refusal, detail) => {
  const accounts = [account('claude', 'anthropic'), account('spare', 'anthropic')]
  const health = (name: string): HealthState =>
    name === 'claude' ? { kind: 'open', forMs: 60_000, refusal } : { kind: 'healthy' }

  const { excluded } = plan({}, { accounts, health })

  expect(excluded).toEqual([{ upstream: 'claude', model: opus, because: 'circuit_open', detail }])
})

test('excludes a local model that cannot take the request, with the reason, and plans it otherwise', () => {
  const local = localAccount()
  const accounts = [local, account('claude', 'anthropic')]
  const demand = { inputTokens: 100, maxTokens: 500, hasMedia: false, hasTools: true }
  const planWith = (more: Partial<typeof demand>) =>
    plan({ demand: () => ({ ...demand, ...more }) }, { accounts })
  const describeExcluded = ({ excluded }: Plan) =>
    excluded.map(({ upstream, because, detail }) => [upstream, because, detail])

  expect(planWith({}).attempts.map(({ account: { name }, model }) => [name, model.id])).toEqual([
    ['local', 'qwen3-coder'],
    ['claude', 'claude-opus-4-1-20250805'],
  ])
  expect(describeExcluded(planWith({ maxTokens: 501 }))).toEqual([
    ['local', 'rejects_request', expect.stringContaining('max_tokens: 501 > 500')],
  ])
  expect(describeExcluded(planWith({ inputTokens: 8_001 }))).toEqual([
    ['local', 'rejects_request', 'prompt is too long: 8001 tokens > 8000 maximum'],
  ])
  expect(describeExcluded(planWith({ hasMedia: true }))).toEqual([
    ['local', 'rejects_request', 'messages: qwen3-coder does not take images or documents'],
  ])
})

test('sends a call to the upstream that recovers first when none is healthy', () => {
  const accounts = ['a', 'b', 'c'].map((name) => account(name, 'anthropic'))
  const waits: Readonly<Record<string, number>> = { a: 9_000, b: 2_000, c: 5_000 }

  const { attempts, excluded } = plan(
    {},
    { accounts, health: (name) => ({ kind: 'blocked', quota: 'fast', forMs: waits[name] ?? 0 }) },
  )

  expect(attempts.map(({ account: { name }, because }) => [name, because])).toEqual([['b', 'last_resort']])
  expect(excluded.map(({ upstream, detail }) => [upstream, detail])).toEqual([
    ['a', 'its quota of fast mode is exhausted for 9 s'],
    ['c', 'its quota of fast mode is exhausted for 5 s'],
  ])
})

test('keeps a conversation where its cache is warm', () => {
  const accounts = ['a', 'b', 'c'].map((name) => account(name, 'anthropic'))

  const { attempts } = plan({ last: createLast('c') }, { accounts, routing: { groups: [['a', 'b', 'c']] } })

  expect(attempts[0]).toMatchObject({ account: { name: 'c' }, because: 'warm_cache' })
})

const upstreams = ['a', 'b', 'c'].map((name) => account(name, 'anthropic'))
const ownPrice = (price: OwnPrice, name: string) => ({
  ...account(name, 'anthropic'),
  rates: readOwnPrice(price, name),
})
// Opus 4.1 costs 15, 18.75 to write and 1.50 to read.
const halfPrice = { input: '7.5', output: '37.5', cache_read: '0.75', cache_write: '9.375' }
const lowerPrice = { input: '13.5', output: '67.5', cache_read: '1.35', cache_write: '16.875' }

test.each<[string, ReturnType<typeof createLast>, readonly UpstreamAccount[], string]>([
  ['stays in a later group while its cache is warm', createLast('c'), upstreams, 'c'],
  ['returns to the first group when its cache is cold', createLast('c', { isWarm: false }), upstreams, 'a'],
  [
    'returns without a cached prompt',
    createLast('c', { cache: { tokens: 0, lifetimeMs: 300_000 } }),
    upstreams,
    'a',
  ],
  ['returns from a fallback model', createLast('c', { model: 'claude-sonnet-4-20250514' }), upstreams, 'a'],
  [
    'stays at a tenth more, which a move does not save',
    createLast('c'),
    [ownPrice(lowerPrice, 'a'), account('c', 'anthropic')],
    'c',
  ],
  ['returns to half the price', createLast('c'), [ownPrice(halfPrice, 'a'), account('c', 'anthropic')], 'a'],
  ['returns to a free upstream', createLast('c'), [ownPrice('free', 'a'), account('c', 'anthropic')], 'a'],
])('a conversation %s', (_, last, accounts, expected) => {
  const { attempts } = plan({ last }, { accounts })

  expect(attempts.map((each) => each.account.name)).toEqual([
    expected,
    ...accounts.map(({ name }) => name).filter((name) => name !== expected),
  ])
})

test.each([[[['c'], ['b'], ['a']]], [[['a', 'b', 'c']]]])(
  'a conversation with bound thinking stays, however long ago its last answer was: %j',
  (groups) => {
    const last = createLast('a', { isWarm: false })

    const ranks = ({ attempts }: Plan) => attempts.map(({ account: { name }, because }) => [name, because])
    const free = plan({ last }, { accounts: upstreams, routing: { groups } })
    const bound = plan(
      { last, returnsBoundThinking: () => true },
      { accounts: upstreams, routing: { groups } },
    )

    expect(ranks(free)[0]).toEqual(['c', 'first_of_group'])
    expect(ranks(bound)[0]).toEqual(['a', 'bound_thinking'])
    expect(ranks(bound)).toHaveLength(3)
  },
)

test.each([
  ['new', null, ['b', 'less_load'], 'a'],
  ['without a warm cache', createLast('a', { isWarm: false }), ['b', 'less_load'], 'a'],
  ['with a warm cache', createLast('a'), ['a', 'warm_cache'], 'b'],
])(
  'a conversation that is %s with more open calls than their share at its upstream',
  (_, last, ...expected) => {
    const accounts = ['a', 'b'].map((name) => account(name, 'anthropic'))
    const conversation = Array.from({ length: 100 }, (_each, at) => `conversation ${at}`).find(
      (name) => rankByConversation(['a', 'b'], name, () => 1)[0] === 'a',
    )

    const { attempts, usual } = plan(
      { last, conversation: conversation ?? '' },
      { accounts, routing: { groups: [['a', 'b']] }, openCalls: { a: 12, b: 2 } },
    )

    expect(attempts.map((each) => [each.account.name, each.because])).toEqual([
      expected[0],
      [expected[1], 'next_in_group'],
    ])
    expect(usual?.upstream).toBe('a')
  },
)

test('the load moves no conversation that has begun at a place which this process does not know', () => {
  const accounts = ['a', 'b'].map((name) => account(name, 'anthropic'))
  const options = { accounts, routing: { groups: [['a', 'b']] } }
  const conversations = Array.from({ length: 20 }, (_, at) => `conversation ${at}`)
  const findPlaces = (openCalls: Readonly<Record<string, number>>, isBegun: boolean) =>
    conversations.map((conversation) => {
      const { attempts } = plan({ conversation, isBeginning: () => !isBegun }, { ...options, openCalls })
      return attempts[0]?.account.name
    })

  expect(findPlaces({ a: 40, b: 2 }, true)).toEqual(findPlaces({}, true))
  expect(new Set(findPlaces({ a: 40, b: 2 }, false))).toEqual(new Set(['b']))
})

test('the calls of an upstream that does not offer the model do not count', () => {
  // Vertex AI offers Sonnet 4.6 there, and not Opus 5.
  const accounts = [account('a', 'anthropic'), account('b', 'anthropic'), account('v', 'vertex', 'us-east5')]
  const options = { accounts, routing: { groups: [['a', 'b', 'v']] } }
  const model = getModel('claude-opus-5')
  const findRanks = (openCalls: Readonly<Record<string, number>>) => {
    const conversations = Array.from({ length: 30 }, (_, at) => `conversation ${at}`)
    const plans = conversations.map((conversation) =>
      plan({ model, conversation }, { ...options, openCalls }),
    )
    return new Set(plans.map(({ attempts }) => attempts[0]?.because))
  }

  expect(findRanks({ v: 40, a: 1, b: 1 })).toEqual(new Set(['first_of_group']))
  expect(findRanks({ a: 9, b: 6 })).toEqual(new Set(['first_of_group']))
  expect(findRanks({ a: 10, b: 4 })).toEqual(new Set(['first_of_group', 'less_load']))
})

test('falls back to another model only as configured, after all upstreams of the model', () => {
  const accounts = ['a', 'b'].map((name) => account(name, 'anthropic'))
  const routing = { fallbacks: { 'claude-opus-4-1': ['claude-sonnet-4-0'] } }

  const ranks = ({ attempts }: Plan) =>
    attempts.map(({ account: { name }, model, because }) => [name, model.id, because])

  expect(ranks(plan({}, { accounts, routing }))).toEqual([
    ['a', 'claude-opus-4-1-20250805', 'first_of_group'],
    ['b', 'claude-opus-4-1-20250805', 'next_group'],
    ['a', 'claude-sonnet-4-20250514', 'fallback_model'],
    ['b', 'claude-sonnet-4-20250514', 'fallback_model'],
  ])
  expect(ranks(plan({}, { accounts }))).toHaveLength(2)
})

test('asks each place once, however often the configuration leads to it', () => {
  const accounts = [account('claude', 'anthropic'), account('us', 'bedrock', 'us-east-1'), localAccount()]
  const routing = {
    groups: [['claude'], ['claude', 'us'], ['local'], ['local']],
    fallbacks: { 'claude-opus-4-1': ['claude-opus-4-1', 'claude-sonnet-4-5'] },
  }
  const health = (name: string): HealthState =>
    name === 'claude' ? { kind: 'open', forMs: 1_200, refusal: null } : { kind: 'healthy' }
  const sonnet = 'claude-sonnet-4-5-20250929'

  const { attempts } = plan({}, { accounts, routing })
  const unhealthy = plan({}, { accounts, routing, health })

  const read = (each: typeof attempts) => each.map(({ account: { name }, model }) => `${name} ${model.id}`)
  expect(read(attempts).toSorted()).toEqual([
    `claude ${opus}`,
    `claude ${sonnet}`,
    'local qwen3-coder',
    `us ${opus}`,
    `us ${sonnet}`,
  ])
  expect(read(unhealthy.attempts)).toEqual([`us ${opus}`, 'local qwen3-coder', `us ${sonnet}`])
  expect(unhealthy.excluded.map(({ upstream, model }) => `${upstream} ${model}`)).toEqual([
    `claude ${opus}`,
    `claude ${sonnet}`,
  ])
})

test('falls back only to models that the key may use', () => {
  const accounts = ['a', 'b'].map((name) => account(name, 'anthropic'))
  const routing = { fallbacks: { 'claude-opus-4-1': ['claude-sonnet-4-0', 'claude-sonnet-4-5'] } }
  const permittedModels = new Set(['claude-opus-4-1-20250805', 'claude-sonnet-4-5-20250929'])

  const { attempts, excluded } = plan({ permittedModels }, { accounts, routing })

  expect(attempts.map(({ model }) => model.id)).toEqual([
    'claude-opus-4-1-20250805',
    'claude-opus-4-1-20250805',
    'claude-sonnet-4-5-20250929',
    'claude-sonnet-4-5-20250929',
  ])
  expect(excluded.map(({ upstream, because, detail }) => [upstream, because, detail])).toEqual(
    ['a', 'b'].map((name) => [
      name,
      'model_not_permitted',
      'the key may not use claude-sonnet-4-20250514; it may use claude-opus-4-1-20250805, claude-sonnet-4-5-20250929',
    ]),
  )
})

test.each([[[]], [[account('foundry', 'foundry')]]])(
  'has no attempt if no upstream offers the model',
  (accounts) => {
    expect(plan({ model: getModel('claude-sonnet-4-0') }, { accounts }).attempts).toEqual([])
  },
)

test("has the API's error if every upstream rejects the request", () => {
  const accounts = [account('claude', 'anthropic')]

  const { attempts, rejection } = plan({ facts: { max_tokens: 1_000_000 } }, { accounts })

  expect(attempts).toEqual([])
  expect(rejection?.message).toMatch(/^max_tokens: 1000000 > 32000/)
})

test('an upstream with weight 0 is excluded by name, unless another group asks it', () => {
  const accounts = ['aa', 'bb', 'zz'].map((name) => account(name, 'anthropic'))
  const planIn = (groups: string[][]) => plan({}, { accounts, routing: { groups, weights: { zz: 0 } } })

  expect(planIn([['aa'], ['bb', 'zz']]).excluded).toEqual([
    { upstream: 'zz', model: opus, because: 'weight_zero', detail: 'its weight is 0' },
  ])
  expect(planIn([['zz'], ['aa', 'bb']]).excluded).toEqual([])
})

test('a count of tokens is estimated where no upstream counts those of the model, and not asked of a fallback model', () => {
  const accounts = [
    { ...account('bedrock', 'bedrock', 'us-east-1'), adapter: bedrockAdapter },
    account('claude', 'anthropic'),
  ]
  const model = getModel('claude-opus-5')
  const routing = {
    models: { 'claude-opus-5': [['bedrock']] },
    fallbacks: { 'claude-opus-5': ['claude-sonnet-4-6'] },
  }

  const { attempts } = plan({ model, countsTokens: true }, { accounts, routing })

  expect(attempts.map((each) => [each.because, each.model.id])).toEqual([['estimate', 'claude-opus-5']])
})

test('groups without an upstream are an error, unless some models have groups of their own', () => {
  const accounts = [account('claude', 'anthropic')]

  expect(() => plan({}, { accounts, routing: { groups: [] } })).toThrow(
    'routing.groups: there is no group, so no upstream would be asked',
  )
  const only = { groups: [], models: { 'claude-opus-4-1': [['claude']] } }
  expect(plan({}, { accounts, routing: only }).attempts).toHaveLength(1)
})

test.each<[string, RoutingConfig]>([
  ['routing.groups', { groups: [['claude', 'claude']] }],
  ['routing.models.claude-opus-4-1', { models: { 'claude-opus-4-1': [['claude', 'claude']] } }],
])('an upstream that a group of %s names twice is an error', (member, routing) => {
  expect(() => plan({}, { accounts: [account('claude', 'anthropic')], routing })).toThrow(
    `${member}: a group names the upstream 'claude' twice`,
  )
})

test('every upstream is planned or excluded, once for each model; an attempt is never at an upstream that is closed to it', () => {
  const names = ['a', 'b', 'c', 'd']
  const state = fc.oneof(
    fc.constant<HealthState>({ kind: 'healthy' }),
    fc.constant<HealthState>({ kind: 'probe' }),
    fc.record({
      kind: fc.constantFrom('open', 'blocked'),
      quota: fc.constantFrom('messages', 'fast'),
      forMs: fc.integer({ min: 1, max: 9_999 }),
      refusal: fc.constant(null),
    }),
  )
  fc.assert(
    fc.property(
      fc.uniqueArray(
        fc.record({
          name: fc.constantFrom(...names),
          platform: fc.constantFrom('anthropic', 'bedrock', 'vertex', 'foundry'),
          region: fc.constantFrom(undefined, 'eu-central-1', 'us-east-1'),
        }),
        { selector: ({ name }) => name, maxLength: 4 },
      ),
      fc.record({
        order: fc.shuffledSubarray(names),
        cuts: fc.array(fc.nat({ max: 4 }), { maxLength: 2 }),
        weights: fc.dictionary(fc.constantFrom(...names), fc.constantFrom(0, 0.5, 1)),
        fallback: fc.boolean(),
      }),
      fc.array(state, { minLength: 4, maxLength: 4 }),
      fc.record({
        conversation: fc.string(),
        lastUpstream: fc.option(fc.constantFrom(...names)),
        permittedModels: fc.constantFrom(null, new Set([opus])),
        regions: fc.constantFrom(null, new Set(['eu-central-1']), new Set(['eu-central-1', 'eu'])),
        holders: fc.option(fc.constantFrom(new Set(['a', 'c']))),
        countsTokens: fc.boolean(),
      }),
      (places, { order, cuts, weights, fallback }, states, request) => {
        const accounts = places.map(({ name, platform, region }) => account(name, platform, region))
        const health = (name: string) => states[names.indexOf(name)] ?? ({ kind: 'healthy' } as const)
        const routing = limitTo(accounts, { order, cuts, weights })
        const fallbacks = fallback ? { 'claude-opus-4-1': ['claude-sonnet-4-5'] } : {}

        const { lastUpstream, ...given } = request
        const last = lastUpstream === null ? null : createLast(lastUpstream)
        const made = plan({ ...given, last }, { accounts, health, routing: { ...routing, fallbacks } })

        // Whatever is known of the conversation and the upstreams.
        const [first] = plan(given, { accounts, routing: { ...routing, fallbacks } }).attempts
        const usual = first === undefined || first.because === 'estimate' ? null : first
        const expectedUsual = usual && { upstream: usual.account.name, model: usual.model.id }
        expect(made.usual).toEqual(expectedUsual)
        const told = [
          ...made.attempts.map((each) => `${each.account.name} ${each.model.id}`),
          ...made.excluded.map((each) => `${each.upstream} ${each.model}`),
        ]
        const ids = fallback ? [opus, 'claude-sonnet-4-5-20250929'] : [opus]
        const expected = accounts.flatMap(({ name }) => ids.map((id) => `${name} ${id}`))
        // An estimate is at most one attempt, in place of the exclusion.
        expect(told.toSorted()).toEqual(expected.toSorted())
        for (const { account: place, model, because } of made.attempts) {
          if (because !== 'last_resort' && because !== 'estimate')
            expect(['healthy', 'probe']).toContain(health(place.name).kind)
          expect(request.permittedModels?.has(model.id) ?? true).toBe(true)
        }
        const closed = made.excluded.some(
          ({ because }) => because === 'circuit_open' || because === 'quota_blocked',
        )
        if (closed) expect(made.attempts).not.toEqual([])
      },
    ),
    { numRuns: 500 },
  )
})

/** Groups in some order, cut at some places, without upstreams that do not exist and without a group of weight 0; perhaps none. */
function limitTo(
  accounts: readonly UpstreamAccount[],
  given: { order: readonly string[]; cuts: readonly number[]; weights: Readonly<Record<string, number>> },
): RoutingConfig {
  const names = given.order.filter((each) => accounts.some(({ name }) => name === each))
  const ends = [...given.cuts, names.length].toSorted((one, other) => one - other)
  const groups = ends
    .map((end, index) => names.slice(ends[index - 1] ?? 0, end))
    .filter(({ length }) => length > 0)
  if (groups.length === 0) return {}
  const weights = Object.fromEntries(
    Object.entries(given.weights).filter(([name]) => accounts.some((each) => each.name === name)),
  )
  const hasIdle = groups.some((group) => group.length > 1 && group.every((name) => weights[name] === 0))
  return { groups, weights: hasIdle ? {} : weights }
}

interface PlanOptions {
  readonly accounts: readonly UpstreamAccount[]
  readonly routing?: RoutingConfig
  readonly health?: (upstream: string) => HealthState
  readonly openCalls?: Readonly<Record<string, number>>
}

function plan(
  request: Partial<PlanRequest>,
  { accounts, routing = {}, health, openCalls = {} }: PlanOptions,
): Plan {
  const usual: PlanRequest = {
    model: getModel('claude-opus-4-1'),
    betas: [],
    facts: {},
    serverTools: [],
    sourceTypes: [],
    countsTokens: false,
    holders: null,
    userProfile: null,
    permittedModels: null,
    regions: null,
    conversation: 'one',
    last: null,
    returnsBoundThinking: () => false,
    isBeginning: () => true,
    day: '2026-11-01',
  }
  const order = createRoutingOrder(
    routing,
    accounts.map(({ name }) => name),
  )
  return planCall(
    { ...usual, ...request },
    {
      accounts,
      order,
      findModel: (id) => models.find((model) => model.id === id),
      health: (place) => health?.(place.account.name) ?? { kind: 'healthy' },
      openCallsAt: (upstream) => openCalls[upstream] ?? 0,
    },
  )
}

function createLast(upstream: string, more: Partial<NonNullable<PlanRequest['last']>> = {}) {
  const cache = { tokens: 50_000, lifetimeMs: 300_000 }
  return { upstream, model: getModel('claude-opus-4-1').id, cache, foreignMessages: 0, isWarm: true, ...more }
}

function getModel(name: string) {
  const found = resolve(name)
  if (!found.ok) throw new Error(`the catalog has no ${name}`)
  return found.model
}

function account(name: string, platform: UpstreamAccount['platform'], region?: string): UpstreamAccount {
  return {
    name,
    platform,
    region,
    secrets: [],
    upstream: {
      send: () => {
        throw new Error('planning calls nobody')
      },
    },
  }
}

/** An engine that answers every request with a model of its own. */
function localAccount(): UpstreamAccount {
  const facts = {
    contextTokens: 8_000,
    maxOutputTokens: 500,
    vision: false,
    thinking: true,
    tools: true,
    countTokens: true,
  }
  const model = createForeignModel('qwen3-coder', facts, true)
  const foreign = { facts, models: new Map([[model.id, model]]) }
  return { ...account('local', 'anthropic'), models: new Map([['*', model.id]]), foreign }
}
