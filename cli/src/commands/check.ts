import { findEndpoint } from '@anthology/catalog'
import type { FoundryHosting, Platform } from '@anthology/catalog'
import { apiVersions, findLoneSurrogate } from '@anthology/wire'

import {
  asOfOption,
  lifecycleModes,
  readChoice,
  readPlatform,
  readRegionKind,
  regionOption,
} from '../catalog-options.ts'
import { UsageError, getText, listTexts } from '../command.ts'
import type { Command, Values } from '../command.ts'
import { today } from '../effective-day.ts'
import { getFileName, parseJsonFile, readText } from '../json-file.ts'
import { parseDay, platformTitles, requireModel } from '../model-name.ts'
import { listNameBetas } from '../name-betas.ts'
import { checkOnPlatforms, readRequest } from '../check-result.ts'
import type { CheckedRequest } from '../check-result.ts'
import { createCheckEntry, createCheckView } from '../check-view.ts'
import { bodyProtocols, platformsByProtocol } from '../client-body.ts'

export const command: Command = {
  name: 'check',
  summary: 'Check a request on every platform, and estimate its cost',
  usage:
    'FILE|- [--platform P] [--hosting WHERE] [--protocol P] [--model NAME] [--beta B ...] [--api-version V]',
  example: 'anthology check request.json --platform bedrock',
  options: {
    platform: {
      type: 'string',
      value: 'P',
      help: 'check one platform only (default all; the exit code is for the Claude API)',
    },
    protocol: {
      type: 'string',
      value: 'P',
      help: 'the API of the body: messages, converse or openai (default: detected)',
    },
    model: {
      type: 'string',
      short: 'm',
      value: 'NAME',
      help: 'the model, instead of the one in the body',
    },
    beta: { type: 'string', value: 'B', multiple: true, help: 'beta header to send with the request' },
    'api-version': { type: 'string', value: 'V', help: `${apiVersions.join(' or ')} (default the first)` },
    lifecycle: {
      type: 'string',
      value: 'MODE',
      help: 'how to treat a retired model: ignore, warn or enforce (default)',
    },
    hosting: {
      type: 'string',
      value: 'WHERE',
      help: 'where the deployment of Foundry is hosted: azure or anthropic (default: either)',
    },
    region: regionOption,
    'as-of': asOfOption,
  },
  async run(context, values, positionals) {
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0) throw new UsageError('check needs exactly one file', howToAsk)
    const text = await readText(context, file)
    const request = withFlags(readBody(text, file), values)
    const asOf = parseDay(getText(values, 'as-of'))
    const lifecycle = readChoice(values, 'lifecycle', lifecycleModes) ?? ('enforce' as const)
    const name = getText(values, 'model') ?? modelIn(request)
    const escapeProblem = findLoneSurrogate(text)
    const model = requireModel(name)
    const wide = addBetas(request, listNameBetas(name, asOf ?? today(), lifecycle))
    const one = readPlatform(values) ?? findPlatform(request, name)
    const hosting = readHosting(values, one)
    const options = { name, asOf, lifecycle, region: readRegionKind(values), hosting, escapeProblem }
    const results = checkOnPlatforms(wide, model, one === null ? everywhere : [one], options)
    const [decisive] = results.results
    const refused = decisive === undefined || decisive.isRefused || !decisive.isOffered
    const day = asOf ?? today()
    if (values['json'] === true) context.out(JSON.stringify(createCheckEntry(results, day, refused), null, 2))
    else for (const line of createCheckView(results, day, context)) context.out(line)
    return refused ? 1 : 0
  },
}

/** The other platforms have no choice of hosting. */
function readHosting(values: Values, platform: Platform | null): FoundryHosting | undefined {
  const hosting = readChoice(values, 'hosting', ['azure', 'anthropic'])
  if (hosting === undefined || platform === null || platform === 'foundry') return hosting
  throw new UsageError(
    `--hosting is for Foundry, not for ${platformTitles[platform]}`,
    'Leave it out, or check for Foundry with --platform foundry.',
  )
}

const howToAsk = 'Give the file of a request body, or - for standard input.'

// `Object.keys` returns strings, because an object may have more members than its type; this literal does
// not. The Claude API is first, because its result decides if no platform is given.
const everywhere = Object.keys(platformTitles) as readonly Platform[]

function readBody(text: string, file: string): CheckedRequest {
  const request = readRequest(parseJsonFile(text, file, 'Use the body of a Messages request.'))
  if (request !== null) return request
  throw new UsageError(`${getFileName(file)} is not a JSON object`, 'Use the body of a Messages request.')
}

/** The only platform that the body or the model's name can be for; null: any. */
function findPlatform({ platform, protocol }: CheckedRequest, name: string): Platform | null {
  return platform ?? findEndpoint(name)?.platform ?? platformsByProtocol[protocol]
}

/** Adds the protocol and the headers given by flags, which a body cannot contain. */
function withFlags(request: CheckedRequest, values: Values): CheckedRequest {
  const version = getText(values, 'api-version')
  const headers = {
    ...request.headers,
    ...(version === undefined ? {} : { 'anthropic-version': version }),
  }
  const protocol = readChoice(values, 'protocol', bodyProtocols) ?? request.protocol
  return addBetas({ ...request, headers, protocol }, listTexts(values, 'beta'))
}

function addBetas(request: CheckedRequest, betas: readonly string[]): CheckedRequest {
  if (betas.length === 0) return request
  const known = Object.entries(request.headers).find(([name]) => name.toLowerCase() === 'anthropic-beta')?.[1]
  const headers = { ...request.headers, 'anthropic-beta': [known, ...betas].filter(Boolean).join(',') }
  return { ...request, headers }
}

/** AWS's SDKs have the model beside the body, as `modelId`. */
function modelIn({ body, platform, protocol }: CheckedRequest): string {
  const { model, modelId } = body
  if (typeof model === 'string') return model
  if (typeof modelId === 'string') return modelId
  const isElsewhere = protocol === 'converse' || platform === 'bedrock' || platform === 'vertex'
  throw new UsageError(
    isElsewhere ? 'the body has no model: this API has it in the address' : 'the body has no model',
    'Set it with --model: anthology check FILE --model claude-opus-5-5.',
  )
}
