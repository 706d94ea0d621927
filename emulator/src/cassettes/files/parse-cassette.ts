import { isRecord } from '@anthology/wire'
import { LineCounter, isNode, parseDocument } from 'yaml'
import type { Document } from 'yaml'

import { CassetteError } from '../cassette.ts'
import type { Cassette } from '../cassette.ts'
import { createValidator } from '../../schema-validator.ts'
import { readPrintedYaml } from './read-printed-yaml.ts'
import { cassetteSchema } from './cassette-schema.ts'

/** The longest cassette that is read, in characters of one to four bytes. */
export const maxCassetteLength = 64 * 1024 * 1024

/**
 * Parses a cassette. `file` is its name in messages. Throws a CassetteError that names file, line and column for text
 * that is no cassette of this version.
 */
export function parseCassette(text: string, file: string): Cassette {
  if (text.length > maxCassetteLength)
    throw new CassetteError(`${file}: a cassette has at most ${maxCassetteLength} characters`)
  const printed = readPrintedYaml(text)
  const validate = getValidator()
  if (printed !== undefined && validate(printed)) return printed
  // Everything else is read with the places of its members, which errors name.
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines })
  const fail = (offset: number, message: string): never => {
    const { line, col } = lines.linePos(offset)
    throw new CassetteError(`${file}:${line}:${col}: ${message}`)
  }
  const [broken] = document.errors
  if (broken !== undefined) fail(broken.pos[0], broken.message.split('\n')[0] ?? 'broken YAML')
  const value = readValue(document, file)
  if (isRecord(value) && 'rules' in value)
    fail(0, 'this is a scenario, not a cassette; scenarios are given with --scenario')
  if (isRecord(value) && value['version'] !== 1)
    fail(findOffset(document, ['version']), describeVersion(value['version']))
  if (validate(value)) return value
  const { instancePath = '', message = 'is not valid', params = {} } = validate.errors?.[0] ?? {}
  const path = instancePath.split('/').slice(1)
  const unknown: unknown = params['additionalProperty']
  const problem = typeof unknown === 'string' ? `unknown member '${unknown}'` : message
  return fail(findOffset(document, path), path.length === 0 ? problem : `${path.join('.')}: ${problem}`)
}

const getValidator = createValidator<Cassette>(cassetteSchema, { allErrors: false, strict: false })

/** The parser rejects nested aliases whose expansion would exhaust memory. */
function readValue(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 })
  } catch (error) {
    throw new CassetteError(`${file}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    })
  }
}

function describeVersion(version: unknown): string {
  return version === undefined
    ? 'this is no cassette: it has no version'
    : `version ${JSON.stringify(version)} is not supported; this release reads version 1`
}

/** Finds the place of a member, or of the closest one around it that the file has. */
function findOffset(document: Document, path: readonly string[]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    if (isNode(node) && node.range) return node.range[0]
  }
  return 0
}
