import { resolve as resolvePath } from 'node:path'

import type { Command, Context } from '../command.ts'
import { inspectConfiguration } from '../doctor/configuration.ts'
import { inspectDataFolder } from '../doctor/data-folder.ts'
import type { Finding, State } from '../doctor/finding.ts'
import { inspectClock, inspectDisk, inspectKeys, inspectVersions } from '../doctor/machine.ts'
import { inspectRates } from '../doctor/rates.ts'
import { inspectCredentials, inspectSecrets } from '../doctor/secrets.ts'
import { inspectMistakes, inspectRouting } from '../doctor/routing.ts'
import { inspectServer } from '../doctor/server.ts'
import { inspectStore } from '../doctor/store.ts'
import { inspectUpstreams } from '../doctor/upstreams.ts'
import { createStoreFlags } from '../server-address.ts'
import { bold, dim, tint } from '../ansi-colors.ts'
import { listenOptions } from '../listen-options.ts'
import { dataOptions, findEmergencyFolder } from '../settings.ts'
import { wrapText } from '../table.ts'

export const command: Command = {
  name: 'doctor',
  summary: 'Check configuration, data folder, server, upstreams and clock',
  usage: '[--config FILE] [--data DIR] [--port N] [--offline]',
  example: 'anthology doctor --config anthology.yaml',
  options: {
    ...dataOptions,
    port: { type: 'string', value: 'N', help: 'port of the server (ANTHOLOGY_PORT)' },
    host: { ...listenOptions.host, help: 'address of the server (default 127.0.0.1)' },
    offline: { type: 'boolean', help: 'send nothing to upstreams' },
  },
  withoutWords: 'See anthology doctor --help.',
  async run(context, values) {
    const configuration = inspectConfiguration(context, values)
    const { config, settings, certificate, text, unset, file } = configuration
    const dataFolder = resolvePath(context.cwd, settings.data.value)
    const store = settings.store.value
    const folder = inspectDataFolder(dataFolder, findEmergencyFolder(config, context), store === undefined)
    const server = await inspectServer(settings, { dataFolder, isServed: folder.isServed, certificate })
    const upstreams = await inspectUpstreams(config, {
      offline: values['offline'] === true,
      unset,
      env: context.env,
    })
    const flags = createStoreFlags(settings, file)
    const findings = [
      ...configuration.findings,
      ...inspectRouting(config),
      ...inspectMistakes(config),
      ...(await inspectRates(config, { dataFolder, store }, { env: context.env, flags })),
      ...folder.findings,
      ...(await inspectStore(store)),
      ...server.findings,
      ...upstreams.findings,
      ...inspectCredentials(config),
      inspectClock(Date.now(), upstreams.dateMs),
      ...inspectKeys(context, text),
      ...inspectSecrets(context, settings.host.value),
      ...inspectVersions(),
      await inspectDisk(dataFolder),
    ]
    const healthy = findings.every(({ state }) => state !== 'fail')
    if (values['json'] === true) context.out(JSON.stringify({ ok: healthy, findings }, null, 2))
    else for (const line of report(findings, context)) context.out(line)
    return healthy ? 0 : 1
  },
}

const colors = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<State, string>

function report(findings: readonly Finding[], context: Context): readonly string[] {
  const nameWidth = Math.max(...findings.map(({ name }) => name.length))
  const indent = ' '.repeat('  warn  '.length + nameWidth + 2)
  const lines = findings.flatMap(({ area, name, state, text, next }, index) => {
    const heading =
      area === findings[index - 1]?.area ? [] : [...(index === 0 ? [] : ['']), bold(area, context)]
    const width = Math.max(24, context.columns - indent.length)
    const [first = '', ...rest] = wrapText(text, width)
    const advice = next === null ? [] : wrapText(`-> ${next}`, width)
    const mark = tint(state.padEnd(4), colors[state], context)
    return [
      ...heading,
      `  ${mark}  ${dim(name.padEnd(nameWidth), context)}  ${first}`,
      ...[...rest, ...advice].map((line) => `${indent}${line}`),
    ]
  })
  return [...lines, '', summarize(findings)]
}

function summarize(findings: readonly Finding[]): string {
  const count = (wanted: State): number => findings.filter(({ state }) => state === wanted).length
  const [failures, warnings] = [count('fail'), count('warn')]
  if (failures + warnings === 0) return 'No problems found.'
  return `${plural(failures, 'failure')} and ${plural(warnings, 'warning')}; each arrow shows a remedy.`
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
