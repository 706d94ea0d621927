import { existsSync } from 'node:fs'
import { resolve as resolvePath } from 'node:path'

import type { Config, UnsetReference } from '@anthology/gateway'
import { isLoopbackHost } from '@anthology/wire'

import { UsageError, getText } from '../command.ts'
import type { Context, Values } from '../command.ts'
import { chooseSettings, readCertificate, readConfig } from '../settings.ts'
import { readTextFile } from '../text-file.ts'
import type { ChosenSettings, ReadConfig } from '../settings.ts'
import { fail, ok, getReason, warn } from './finding.ts'
import type { Finding } from './finding.ts'

export interface Configuration {
  readonly findings: readonly Finding[]
  /** The effective configuration; the defaults if the file is invalid. */
  readonly config: Config
  readonly settings: ChosenSettings
  /** Its path, if there is a file. */
  readonly file: string | null
  /** The configured TLS certificate; undefined without one that can be used. */
  readonly certificate: string | undefined
  /** References to environment variables that are not set here. */
  readonly unset: readonly UnsetReference[]
  /** The text of the file, with its `${NAME}` references. */
  readonly text: string
}

export function inspectConfiguration(context: Context, values: Values): Configuration {
  const named = getText(values, 'config')
  const { finding, config, file, unset } = readFile(context, named)
  const settings = chooseSettings(context, values, config)
  const origins = (['port', 'host', 'data'] as const).map((name) =>
    ok('Configuration', name, `${settings[name].value} (${describeOrigin(settings[name].from, finding)})`),
  )
  const tls = inspectCertificate(config, file)
  const reach = tls.certificate === undefined ? inspectHost(settings.host.value) : []
  const findings = [finding, ...unset.map(describeUnset), ...origins, ...tls.findings, ...reach]
  return {
    findings,
    config,
    settings,
    file,
    certificate: tls.certificate,
    unset,
    text: readWhole(context, file),
  }
}

function readFile(context: Context, named: string | undefined): ReadConfig & { readonly finding: Finding } {
  try {
    const { config, file, unset } = readConfig(context, named)
    const text =
      file === null
        ? 'no anthology.yaml in this folder: flags, variables and defaults apply'
        : `${file} is valid`
    return { finding: ok('Configuration', 'file', text), config, file, unset }
  } catch (error) {
    const hint = error instanceof Error && 'hint' in error ? String(error.hint) : 'Correct the file.'
    const finding = fail('Configuration', 'file', [getReason(error), hint])
    return { finding, config: {}, file: named ?? 'anthology.yaml', unset: [] }
  }
}

/** The defaults that are used here are not those of a server if its file cannot be read. */
function describeOrigin(from: string, { state }: Finding): string {
  return from === 'default' && state === 'fail' ? 'default, because the file is not valid' : from
}

function inspectCertificate(
  config: Config,
  configFile: string | null,
): { readonly findings: readonly Finding[]; readonly certificate: string | undefined } {
  try {
    const certificate = readCertificate({ config, configFile })?.certificate
    const findings =
      certificate === undefined ? [] : [ok('Configuration', 'tls', 'the certificate and its key can be used')]
    return { findings, certificate }
  } catch (error) {
    const hint = error instanceof UsageError ? error.hint : 'Configure a readable PEM file.'
    return { findings: [fail('Configuration', 'tls', [getReason(error), hint])], certificate: undefined }
  }
}

/** Not a failure: the server may run in another shell, which has the variable. */
function describeUnset({ member, variable }: UnsetReference): Finding {
  return warn('Configuration', variable, [
    `${variable} is not set here, and ${member} refers to it`,
    'Set it in the shell that starts the server, which needs it.',
  ])
}

function inspectHost(host: string): readonly Finding[] {
  if (isLoopbackHost(host)) return []
  return [
    warn('Configuration', 'reach', [
      `${host} is reachable from other machines without encryption`,
      'Configure TLS, and create a key for each user with anthology keys create.',
    ]),
  ]
}

function readWhole({ cwd }: Context, file: string | null): string {
  const path = file === null ? null : resolvePath(cwd, file)
  return path !== null && existsSync(path) ? readTextFile(path) : ''
}
