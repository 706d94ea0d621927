import type { Config, TelemetryConfig } from '@anthology/gateway'

import { UsageError } from './command.ts'
import type { Context } from './command.ts'

export const telemetryVariable = 'OTEL_EXPORTER_OTLP_ENDPOINT'

/** The destination of traces: OpenTelemetry's standard variable overrides the file, like every variable. */
export function chooseTelemetry({ telemetry = {} }: Config, env: Context['env']): TelemetryConfig {
  const endpoint = env[telemetryVariable] ?? ''
  if (endpoint === '') return telemetry
  if (!/^https?:\/\//.test(endpoint))
    throw new UsageError(
      `${telemetryVariable} is ${JSON.stringify(endpoint)}, which is not an http or https URL`,
      'Set it to a collector such as http://127.0.0.1:4318, or unset it.',
    )
  return { ...telemetry, otlp_endpoint: endpoint }
}
