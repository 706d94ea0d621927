import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import type { Model, PriceOptions, Usage } from '@anthology/catalog'
import { computePrice, quote, withEndpoint } from '@anthology/catalog'
import type { JsonObject } from '@anthology/wire'

import { readRequestFacts } from '../client-body.ts'
import { asOfOption, readPlatform, readRegionKind, regionOption } from '../catalog-options.ts'
import type { Command, Context, Option, Values } from '../command.ts'
import { CliError, getText, UsageError } from '../command.ts'
import { readText } from '../json-file.ts'
import { parseDay, requireModel } from '../model-name.ts'
import { priceEntry, renderPrice, quoteEntry, renderQuote } from '../price-view.ts'
import { readPriceSource } from '../price-source.ts'
import type { Priceable, PriceSource } from '../price-source.ts'
import { optionsFor, sumTranscript, transcriptEntry, transcriptSheet } from '../transcript.ts'
import type { TranscriptOptions } from '../transcript.ts'

const counts = {
  input: { type: 'string', value: 'N', help: 'input tokens, without the cached ones' },
  'cache-write-5m': { type: 'string', value: 'N', help: 'tokens written to the cache for five minutes' },
  'cache-write-1h': { type: 'string', value: 'N', help: 'tokens written to the cache for one hour' },
  'cache-read': { type: 'string', value: 'N', help: 'tokens read from the cache' },
  output: { type: 'string', value: 'N', help: 'output tokens, thinking included' },
  'web-searches': { type: 'string', value: 'N', help: 'number of web searches' },
} as const satisfies Record<string, Option>

export const command: Command = {
  name: 'price',
  summary: 'Compute the cost of a call, exact to the nano-dollar',
  usage: '[NAME] [--input N] [--output N] ... | [NAME] FILE|-',
  example: 'anthology price claude-opus-4-1 --input 1000 --output 500',
  options: {
    ...counts,
    batch: { type: 'boolean', help: 'price as part of a Message Batch' },
    fast: { type: 'boolean', help: 'price with speed "fast" (only with token flags)' },
    geo: { type: 'string', value: 'GEO', help: 'inference_geo, e.g. us (only with token flags)' },
    platform: {
      type: 'string',
      value: 'P',
      help: 'anthropic, bedrock, vertex or foundry (default: as in the name of the model, else anthropic)',
    },
    region: regionOption,
    'as-of': {
      ...asOfOption,
      help: 'day of the prices, YYYY-MM-DD (default today, or the days in a transcript)',
    },
  },
  async run(context, values, positionals) {
    const { name, file, isImplied } = readQuestion(context, values, positionals)
    const options: PriceOptions = {
      asOf: parseDay(getText(values, 'as-of')),
      platform: readPlatform(values),
      region: readRegionKind(values),
      batch: values['batch'] === true,
    }
    const task = { context, json: values['json'] === true }
    if (file === null) return priceOne({ ...task, ...nameModel(name ?? '', options) }, flaggedUsage(values))
    const text = isImplied ? await context.stdin() : await readText(context, file)
    if (isImplied && text.trim() === '') throw new UsageError('price needs token counts or a file', howToAsk)
    const source = readPriceSource(text, file)
    const [only] = source.items
    if (!source.isSingle || only === undefined) {
      if (name !== undefined) requireModel(name)
      return priceMany({ ...task, options: { ...options, name } }, source)
    }
    if (only.kind === 'unreadable') throw describeProblem(only)
    const called = name ?? only.model ?? missingModel()
    const asked = nameModel(called, options)
    const named = { ...task, ...asked, options: optionsFor(only, asked.options) }
    return only.kind === 'usage' ? priceOne(named, only.usage) : quoteOne(named, only.body)
  },
}

/** The model with a name, and the options with what the name implies about the endpoint. */
function nameModel(name: string, options: PriceOptions): Pick<Task, 'name' | 'model' | 'options'> {
  return { name, model: requireModel(name), options: withEndpoint(options, name) }
}

interface Task {
  readonly context: Context
  readonly json: boolean
  readonly options: PriceOptions
  readonly name: string
  readonly model: Model
}

function priceOne({ context, json, options, model }: Task, usage: Usage): number {
  const price = computePrice(usage, model, options)
  if (!price.ok) throw describeProblem({ because: price.because, problem: price.detail })
  context.out(json ? JSON.stringify(priceEntry(model, price), null, 2) : renderPrice(model, price, context))
  return 0
}

function quoteOne({ context, json, options, name, model }: Task, body: JsonObject): number {
  const { batch, ...rest } = options
  const facts = readRequestFacts(body, { name, model, asOf: rest.asOf })
  if (typeof facts === 'string') throw unknownPrice(facts)
  const quoted = quote({ ...facts, batch }, model, rest)
  if (!quoted.ok) throw unknownPrice(quoted.detail)
  if (json) context.out(JSON.stringify(quoteEntry(model, quoted), null, 2))
  else for (const line of renderQuote(model, quoted, context)) context.out(line)
  return 0
}

/** Sums a transcript. If an item has no price, the exit code is 1, because the sum is incomplete. */
function priceMany(
  { context, json, options }: Pick<Task, 'context' | 'json'> & { readonly options: TranscriptOptions },
  source: PriceSource,
): number {
  const summed = sumTranscript(source, options)
  if (json) context.out(JSON.stringify(transcriptEntry(summed, source), null, 2))
  else for (const line of transcriptSheet(summed, source, context)) context.out(line)
  return summed.unpriced.size === 0 ? 0 : 1
}

function describeProblem({
  because,
  problem,
}: Pick<Extract<Priceable, { kind: 'unreadable' }>, 'because' | 'problem'>): CliError {
  return because === 'bad_usage'
    ? new UsageError(problem, 'Use the format of the usage in API responses.')
    : unknownPrice(problem)
}

function unknownPrice(detail: string): CliError {
  return new CliError(`unknown price: ${detail}`, 'An unknown price is never counted as zero.')
}

interface Question {
  readonly name: string | undefined
  readonly file: string | null
  /** Standard input is read because nothing else is given. */
  readonly isImplied: boolean
}

function readQuestion(context: Context, values: Values, positionals: readonly string[]): Question {
  const files = positionals.filter((word) => isFile(word, context.cwd))
  const names = positionals.filter((word) => !files.includes(word))
  if (names.length > 1)
    throw new UsageError('price needs exactly one model', 'Put a name with blanks in quotes.')
  if (files.length > 1)
    throw new UsageError(
      'price needs exactly one file',
      'To price several transcripts, join them with cat and pipe them in.',
    )
  const [name] = names
  const flagged = Object.keys(counts).some((flag) => values[flag] !== undefined)
  if (flagged && files.length > 0)
    throw new UsageError('counts come from flags or from a file, not both', 'Leave one of them out.')
  const piped = !flagged && !context.stdinIsTty ? '-' : null
  const file = files[0] ?? piped
  if (file === null && name === undefined) missingModel()
  if (file === null && !flagged) throw new UsageError('price needs token counts or a file', howToAsk)
  if (flagged && name === undefined) missingModel()
  return { name, file, isImplied: file !== null && files.length === 0 }
}

/** True for `-`, an existing file, and a name that looks like a file. */
function isFile(word: string, cwd: string): boolean {
  return word === '-' || /\.jsonl?$/.test(word) || existsSync(resolvePath(cwd, word))
}

function missingModel(): never {
  throw new UsageError('price needs a model', howToAsk)
}

const howToAsk = 'For example: anthology price claude-opus-4-1 --input 1000 --output 500.'

function flaggedUsage(values: Values): Usage {
  const count = (flag: keyof typeof counts): number => parseCount(flag, getText(values, flag))
  const [for5m, for1h] = [count('cache-write-5m'), count('cache-write-1h')]
  return {
    input_tokens: count('input'),
    output_tokens: count('output'),
    cache_creation: { ephemeral_5m_input_tokens: for5m, ephemeral_1h_input_tokens: for1h },
    cache_read_input_tokens: count('cache-read'),
    server_tool_use: { web_search_requests: count('web-searches') },
    speed: values['fast'] === true ? 'fast' : null,
    inference_geo: getText(values, 'geo'),
  }
}

/** `1000`, `1,000` or `1_000`. */
function parseCount(flag: string, text = '0'): number {
  const digits = text.replaceAll(/[,_]/g, '')
  const count = /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN
  if (Number.isSafeInteger(count)) return count
  throw new UsageError(
    `--${flag} must be a whole number, not ${JSON.stringify(text.slice(0, 40))}`,
    'Write it in digits.',
  )
}
