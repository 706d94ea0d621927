import { expect, test } from 'vitest'

import { chooseTelemetry } from '../src/telemetry.ts'

const telemetry = { otlp_endpoint: 'http://of-the-file:4318', sample_ratio: 0.5 }

test('sends no traces unless somebody says where to', () => {
  expect(chooseTelemetry({}, {})).toEqual({})
})

test('takes the collector of the file', () => {
  expect(chooseTelemetry({ telemetry }, { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual(telemetry)
})

test('takes the collector of the variable before that of the file, and the rest from the file', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://of-the-variable' }

  expect(chooseTelemetry({ telemetry }, env)).toEqual({
    otlp_endpoint: 'https://of-the-variable',
    sample_ratio: 0.5,
  })
  expect(chooseTelemetry({}, env)).toEqual({ otlp_endpoint: 'https://of-the-variable' })
})

test('says that a collector must be reached over HTTP', () => {
  expect(() => chooseTelemetry({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' })).toThrow(
    expect.objectContaining({
      message: 'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4317", which is no URL of http or https',
    }),
  )
})
