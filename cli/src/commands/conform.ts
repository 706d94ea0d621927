import { writeFileSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import { formatNanoUsd } from '@anthology/catalog'
import { isLoopbackHost } from '@anthology/wire'

import { CliError, UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import type { ConformProtocol, Target } from '../conform/check.ts'
import { checks, conformProtocols } from '../conform/checks.ts'
import { exchange } from '../conform/exchange.ts'
import { formatJunit } from '../conform/junit.ts'
import { formatRow, formatSummary } from '../conform/report.ts'
import { runChecks } from '../conform/run-checks.ts'
import { defaultModel, describeFacts, estimateCost, nameModel } from '../conform/target.ts'

export const command: Command = {
  name: 'conform',
  summary: 'Check that a gateway does all that Claude Code needs of it',
  usage: 'URL --key K [--protocol messages|bedrock|vertex] [--model M] [--junit FILE]',
  example: 'anthology conform http://127.0.0.1:7171 --key $KEY --protocol bedrock',
  options: {
    key: { type: 'string', value: 'KEY', help: 'key of the gateway (ANTHOLOGY_KEY)' },
    protocol: {
      type: 'string',
      value: 'P',
      help: `protocol: ${conformProtocols.join(', ')} (default messages)`,
    },
    model: {
      type: 'string',
      short: 'm',
      value: 'NAME',
      help: `model that the gateway offers (default ${defaultModel})`,
    },
    'limited-key': {
      type: 'string',
      value: 'KEY',
      help: 'a key over its rate limit, to see the error; otherwise that row is skipped',
    },
    aws: {
      type: 'string',
      value: 'ID:SECRET',
      help: 'AWS credentials of the gateway, for signed requests; otherwise their rows are skipped',
    },
    junit: { type: 'string', value: 'FILE', help: 'also write a JUnit report' },
    yes: { type: 'boolean', short: 'y', help: 'do not ask before calls that may cost money' },
  },
  async run(context, values, [url, ...more]) {
    if (url === undefined || more.length > 0)
      throw new UsageError('conform needs one URL', 'For example: anthology conform http://127.0.0.1:7171')
    const baseUrl = readUrl(url)
    const protocol = readProtocol(getText(values, 'protocol'))
    const target = readTarget(context, values, { baseUrl, protocol })
    const wanted = checks[protocol]
    if (!(await confirmCost(context, values, { baseUrl, protocol, model: target.model }))) return 1
    await requireAnswer(target, baseUrl)
    const json = values['json'] === true
    const rows = await runChecks(wanted, target, (row) => {
      if (!json) for (const line of formatRow(row, context)) context.out(line)
    })
    const ok = rows.every(({ result }) => result !== 'failed')
    const junit = getText(values, 'junit')
    if (junit !== undefined) writeFileSync(resolvePath(context.cwd, junit), formatJunit(rows, protocol))
    if (json) context.out(JSON.stringify({ ok, url: baseUrl, protocol, model: target.model, rows }, null, 2))
    else context.out(`\n${formatSummary(rows, context)}`)
    return ok ? 0 : 1
  },
}

/** Without a server at the URL every row would fail for the same reason. */
async function requireAnswer({ send }: Target, baseUrl: string): Promise<void> {
  try {
    await send({ method: 'HEAD', path: '/' })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    if (!noServer.has(code)) return
    throw new CliError(`no server answers at ${baseUrl} (${code})`, 'Start the gateway, or correct the URL.')
  }
}

const noServer: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH'])

function readUrl(text: string): string {
  const url = URL.parse(text)
  if (url !== null && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '') return text
  throw new UsageError(
    `${JSON.stringify(text.slice(0, 200))} is not the base URL of a gateway`,
    'Give what ANTHROPIC_BASE_URL would have, for example http://127.0.0.1:7171.',
  )
}

function readProtocol(text = 'messages'): ConformProtocol {
  const found = conformProtocols.find((protocol) => protocol === text)
  if (found !== undefined) return found
  throw new UsageError(
    `there is no protocol ${JSON.stringify(text)}`,
    `Choose one of ${conformProtocols.join(', ')}.`,
  )
}

function readTarget(
  { env }: Context,
  values: Values,
  { baseUrl, protocol }: { readonly baseUrl: string; readonly protocol: ConformProtocol },
): Target {
  const key = getText(values, 'key') ?? (env['ANTHOLOGY_KEY'] || undefined)
  if (key === undefined)
    throw new UsageError('conform needs a key', 'Give it as --key, or in the variable ANTHOLOGY_KEY.')
  const model = nameModel(getText(values, 'model') ?? defaultModel, protocol)
  return {
    key,
    model,
    facts: describeFacts(model, new Date().toISOString().slice(0, 10)),
    limitedKey: getText(values, 'limited-key') ?? null,
    aws: readAws(getText(values, 'aws')),
    send: (outgoing) => exchange(baseUrl, outgoing),
  }
}

function readAws(text: string | undefined): Target['aws'] {
  if (text === undefined) return null
  const [, accessKeyId, secretAccessKey] = /^([^:]+):(.+)$/.exec(text) ?? []
  if (accessKeyId !== undefined && secretAccessKey !== undefined) return { accessKeyId, secretAccessKey }
  throw new UsageError('--aws must be an id and a secret', 'Write them as --aws ID:SECRET.')
}

interface Run {
  readonly baseUrl: string
  readonly protocol: ConformProtocol
  readonly model: string
}

/** Tells the cost before calls to another machine, and asks. Throws if nobody can be asked. */
async function confirmCost(context: Context, values: Values, run: Run): Promise<boolean> {
  const { hostname, host } = new URL(run.baseUrl)
  if (values['yes'] === true || isLoopbackHost(hostname)) return true
  const cost = estimateCost(checks[run.protocol], run.model)
  const most = cost === null ? 'an unknown amount' : `at most about $${formatNanoUsd(cost)}`
  const note = `${checks[run.protocol].length} checks call ${run.model} at ${host}. They may cost ${most}.`
  if (!context.stdinIsTty) throw new UsageError(note, 'Use --yes to go on.')
  context.err(note)
  const lines = context.openLines()
  try {
    return /^y(?:es)?$/i.test(((await lines.readLine('Go on? [y/N] ')) ?? '').trim())
  } finally {
    lines.close()
  }
}
