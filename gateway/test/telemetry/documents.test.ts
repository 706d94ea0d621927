import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { metricTable } from '../../src/telemetry/metric-table.ts'
import { spanAttributes } from '../../src/telemetry/span-attributes.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, message } from '../samples.ts'
import { startCollector } from './collector.ts'

const page = readFileSync(join(import.meta.dirname, '../../../docs/telemetry.md'), 'utf8')

test('the page lists exactly the metrics of the code, in the same words', () => {
  const expected = Object.entries(metricTable).map(([name, { type, labels, help }]) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ])

  expect(rowsBelow('| metric | type | labels | |')).toEqual(expected)
})

test('the page lists exactly the attributes of the code, in the same words', () => {
  const expected = Object.entries(spanAttributes).map(([name, text]) => [code(name), text])

  expect(rowsBelow('| attribute | |')).toEqual(expected)
})

test('the labels of every sample are those of the table', async () => {
  const upstream = await startUpstream(plain(message))
  const collector = await startCollector()
  const gateway = await startGateway({
    upstreamUrl: upstream.url,
    telemetry: { otlp_endpoint: collector.url },
  })

  await gateway.post(callBody)
  const metrics = gateway.metrics()

  expect(metrics.map(({ name }) => name).toSorted()).toEqual(
    // The port and the upstreams count some limits themselves.
    [...Object.keys(metricTable), 'anthology_limit_reached_total'].toSorted(),
  )
  for (const { name, values } of metrics) {
    // The comparison above shows that every metric has a row.
    const { labels } = metricTable[name as keyof typeof metricTable]
    for (const sample of values)
      expect(Object.keys(sample.labels).filter((label) => label !== 'le')).toEqual(labels)
  }
})

function code(text: string): string {
  return `\`${text}\``
}

/** The cells of the table with this header. */
function rowsBelow(head: string): readonly (readonly string[])[] {
  const lines = page
    .slice(page.indexOf(`${head}\n`))
    .split('\n')
    .slice(2)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
}
