import type { Model } from '@anthology/catalog'
import { compareAnswers, moveRequest, readAnswerFacts } from '@anthology/migrate'
import type { ReplayedAnswer } from '@anthology/migrate'
import { createSchemaChecker } from '@anthology/emulator'
import type { UpstreamAccount } from '@anthology/gateway'

import { CliError, UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { today } from '../effective-day.ts'
import { requireModel } from '../model-name.ts'
import { readRequests } from '../replay/read-requests.ts'
import type { RecordedCall } from '../replay/recorded-call.ts'
import { printReplay } from '../replay/replay-report.ts'
import type { ReplayedCall, ReplaySide } from '../replay/replay-report.ts'
import { startRunner, toReplayed } from '../replay/run-requests.ts'
import type { RequestRunner } from '../replay/run-requests.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { createAccounts } from '../upstreams.ts'

export const command: Command = {
  name: 'replay',
  summary: 'Send recorded requests to another model, and compare the answers',
  usage: 'PATH --from MODEL --to MODEL [--upstream NAME] [--sample N]',
  example: 'anthology replay requests.jsonl --from claude-opus-4-1 --to claude-opus-5-5 --sample 20',
  options: {
    from: { type: 'string', value: 'MODEL', help: 'the model of the recorded requests' },
    to: { type: 'string', value: 'MODEL', help: 'the target' },
    upstream: {
      type: 'string',
      value: 'NAME',
      help: 'the upstream of the configuration that answers (default: the emulator, without cost)',
    },
    sample: { type: 'string', value: 'N', help: 'at most N requests, evenly chosen (default 20)' },
    ...dataOptions,
  },
  async run(context, values, positionals) {
    const [path, ...more] = positionals
    if (path === undefined || more.length > 0)
      throw new UsageError(
        'replay needs exactly one file or folder',
        'Give cassettes with bodies, or a .jsonl, .json or .har file.',
      )
    const [from, to] = [readModel(values, 'from'), readModel(values, 'to')]
    const sample = chooseSample(await readRequests(context, path, from), readSampleSize(values))
    const account = chooseUpstream(context, values)
    const runner = await startRunner(account)
    try {
      const calls: ReplayedCall[] = []
      for (const [index, call] of sample.entries()) {
        if (context.isTty) context.write(`\r${index + 1} of ${sample.length}`)
        calls.push(await replayOne(runner, call, { from, to, account }))
      }
      if (context.isTty) context.write('\r\u001B[K')
      const result = { from: from.id, to: to.id, upstream: account.name, calls }
      if (values['json'] === true) context.out(JSON.stringify(result, null, 2))
      else printReplay(context, result)
      return calls.some(({ differences }) => differences.length > 0) ? 1 : 0
    } finally {
      await runner.close()
    }
  },
}

function readModel(values: Values, name: 'from' | 'to'): Model {
  const text = getText(values, name)
  if (text !== undefined) return requireModel(text)
  throw new UsageError(`replay needs --${name}`, 'Name both models: --from MODEL --to MODEL.')
}

function readSampleSize(values: Values): number {
  const text = getText(values, 'sample') ?? '20'
  const size = Number(text)
  if (Number.isSafeInteger(size) && size > 0) return size
  throw new UsageError(
    `--sample cannot be ${JSON.stringify(text.slice(0, 40))}`,
    'Give a number of requests.',
  )
}

/** Evenly over the recording, so that the same recording always gives the same sample. */
function chooseSample(calls: readonly RecordedCall[], size: number): readonly RecordedCall[] {
  if (calls.length <= size) return calls
  return Array.from({ length: size }, (_, index) => calls[Math.floor((index * calls.length) / size)]).filter(
    (call) => call !== undefined,
  )
}

function chooseUpstream(context: Context, values: Values): UpstreamAccount {
  const wanted = getText(values, 'upstream')
  const { config } = readSettings(context, values, ['data'])
  const { upstreams: _upstreams, ...withoutUpstreams } = config
  const accounts = createAccounts({
    config: wanted === undefined ? withoutUpstreams : config,
    live: false,
    env: context.env,
  })
  const account = wanted === undefined ? accounts[0] : accounts.find(({ name }) => name === wanted)
  if (account !== undefined) return account
  const names = accounts.map(({ name }) => name).join(', ')
  throw new CliError(`no upstream is called ${wanted ?? ''}`, `The configuration has ${names}.`)
}

interface ReplayPlan {
  readonly from: Model
  readonly to: Model
  readonly account: UpstreamAccount
}

/** An answer in the recording counts as the answer of the old model; without one the old model is asked again. */
async function replayOne(
  runner: RequestRunner,
  { place, request, answer }: RecordedCall,
  { from, to, account }: ReplayPlan,
): Promise<ReplayedCall> {
  const before = answer === null ? await runner.run(request) : toReplayed(answer, from, account.platform)
  const moved = moveRequest(request, { target: to, day: today() })
  const after = await runner.run(moved.body)
  const sides = { before: describe(before, request), after: describe(after, moved.body) }
  return {
    place,
    ...sides,
    differences: compareAnswers(sides.before, sides.after),
    unrepaired: moved.unrepaired.map(({ message }) => message),
  }
}

const schemas = createSchemaChecker()

function describe(answer: ReplayedAnswer, request: Readonly<Record<string, unknown>>): ReplaySide {
  const { tookMs, costUsd } = answer
  return {
    ...readAnswerFacts(answer, request, (schema, value) => schemas.test(schema, value)),
    tookMs,
    costUsd,
  }
}
