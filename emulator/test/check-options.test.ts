import { models } from '@anthology/catalog'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'

const create = (options: unknown) => () => createEmulator(options as Parameters<typeof createEmulator>[0])
const limits = { requestsPerMinute: 10, inputTokensPerMinute: 10, outputTokensPerMinute: 10 }

describe('options of the emulator', () => {
  test.each([
    [{ tokenPerSecond: 3 }, 'there is no option tokenPerSecond. Did you mean tokensPerSecond?'],
    [{ latency: 3 }, 'there is no option latency. The options are seed, now, models'],
    [{ foundry: { key: ['a'] } }, 'there is no option foundry.key. Did you mean keys?'],
    [{ capacity: { limits: { ...limits, requests: 3 } } }, 'there is no option capacity.limits.requests.'],
    [{ constructor: 3 }, 'there is no option constructor.'],
    [{ tokensPerSecond: 'fast' }, 'tokensPerSecond must be a number from 0, not "fast"'],
    [{ tokensPerSecond: -1 }, 'tokensPerSecond must be a number from 0, not -1'],
    [{ tokensPerSecond: Number.NaN }, 'not NaN'],
    [{ batchDurationMs: Infinity }, 'batchDurationMs must be a number of milliseconds from 0, not Infinity'],
    [{ seed: 7 }, 'seed must be a text, not 7'],
    [{ asOf: '2025-02-30' }, 'asOf must be a day, such as 2025-08-15, not "2025-02-30"'],
    [{ now: 5 }, 'now must be a function, not 5'],
    [{ lifecycle: 'strict' }, "lifecycle must be 'ignore' or 'warn' or 'enforce', not \"strict\""],
    [{ models: [] }, 'models must be a list of models of the catalog, at least one, not []'],
    [{ models: ['claude-opus-4-1'] }, 'models must be a list of models of the catalog'],
    [{ keys: 'sk-ant-1' }, 'keys must be a list of texts, or null, not "sk-ant-1"'],
    [{ awsCredentials: [{ accessKeyId: 'A' }] }, 'awsCredentials must be a list of objects'],
    [
      { foundry: { deployments: { a: 3 } } },
      'foundry.deployments must be an object with a model for each name',
    ],
    [{ foundry: { hosting: 'aws' } }, "foundry.hosting must be 'azure' or 'anthropic', not \"aws\""],
    [
      { capacity: { limits: { ...limits, requestsPerMinute: 0 } } },
      'requestsPerMinute must be a number from 1',
    ],
    [{ keepRequests: 'no' }, 'keepRequests must be true or false, not "no"'],
    [{ scenario: 'a.yaml' }, 'scenario must be an object, not "a.yaml"'],
    ['a.yaml', 'the options must be an object, not "a.yaml"'],
    [{ seed: ['x'.repeat(1_000)] }, 'xxx…'],
  ])('%j is refused', (options, message) => {
    expect(create(options)).toThrow(TypeError)
    expect(create(options)).toThrow(message)
  })

  test('all options at once are accepted, and undefined stands for the default', () => {
    const emulator = createEmulator({
      seed: 'a',
      now: Date.now,
      models: models.slice(0, 2),
      tokensPerSecond: 0.5,
      lifecycle: 'warn',
      asOf: '2024-02-29',
      keys: [],
      awsCredentials: [{ accessKeyId: 'A', secretAccessKey: 'B' }],
      foundry: { keys: null, deployments: { chat: 'claude-opus-4-1' }, hosting: 'azure' },
      capacity: { limits, priority: { inputTokensPerMinute: 1, outputTokensPerMinute: 1 } },
      batchDurationMs: 0,
      keepRequests: false,
      idSeed: 'b',
      requestIds: () => 'req_1',
      scenario: { version: 1, rules: [] },
    })

    expect(emulator.scenario.rules).toEqual([])
    expect(create({ seed: undefined, foundry: undefined })).not.toThrow()
  })
})
