import { expect, test } from 'vitest'

import { chooseTelemetry } from '../src/telemetry.ts'

const telemetry = { otlp_endpoint: 'http://of-the-file:4318', sample_ratio: 0.5 }

test('sends no traces without a destination', () => {
  expect(chooseTelemetry({}, {})).toEqual({})
})

test('uses the collector in the file', () => {
  expect(chooseTelemetry({ telemetry }, { OTEL_EXPORTER_OTLP_ENDPOINT: '' })).toEqual(telemetry)
})

test('prefers the collector in the variable, and reads other settings from the file', () => {
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://of-the-variable' }

  expect(chooseTelemetry({ telemetry }, env)).toEqual({
    otlp_endpoint: 'https://of-the-variable',
    sample_ratio: 0.5,
  })
  expect(chooseTelemetry({}, env)).toEqual({ otlp_endpoint: 'https://of-the-variable' })
})

test('requires an HTTP URL for the collector', () => {
  expect(() => chooseTelemetry({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4317' })).toThrow(
    expect.objectContaining({
      message: 'OTEL_EXPORTER_OTLP_ENDPOINT is "collector:4317", which is not an http or https URL',
    }),
  )
})
