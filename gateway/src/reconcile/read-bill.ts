import { GatewayError } from '../errors.ts'
import { anthropicReport } from './formats/anthropic.ts'
import { awsReport } from './formats/aws.ts'
import { azureExport } from './formats/azure.ts'
import { googleExport } from './formats/google.ts'
import type { BillFormat, ProviderRow } from './provider-row.ts'
import { readRecords } from './read-file.ts'

const formats: readonly BillFormat[] = [anthropicReport, awsReport, googleExport, azureExport]

export interface Bill {
  readonly format: string
  /** The time until which the provider calls its figures complete; null if the file does not say. */
  readonly watermark: string | null
}

/**
 * Reads a report or a bill, line by line, so that its size does not matter. Calls `onRow` for every row about Claude, with
 * the watermark of its page.
 * Throws a GatewayError for a file in no known format.
 */
export async function readBill(
  path: string,
  onRow: (row: ProviderRow, watermark: string | null) => void,
): Promise<Bill> {
  let format: BillFormat | undefined
  let watermark: string | null = null
  let number = 0
  for await (const line of readRecords(path)) {
    number += 1
    format ??= formats.find((one) => one.matches(line))
    if (format === undefined) break
    watermark = format.readWatermark?.(line) ?? watermark
    for (const row of format.readRows(line, number)) onRow(row, watermark)
  }
  if (format === undefined)
    throw new GatewayError('config_invalid', `${path} is in no known format of a bill or report`, {
      hint: `Known are: ${formats.map(({ name }) => name).join(', ')}.`,
    })
  return { format: format.name, watermark }
}
