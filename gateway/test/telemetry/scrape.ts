import { ask } from '../http-client.ts'
import type { Asking } from '../http-client.ts'
import type { RunningGateway } from '../running-gateway.ts'

/** Reads the page like a scraper: every sample under its name and labels, as printed. */
export type Scrape = ReadonlyMap<string, number>

export async function scrape(gateway: RunningGateway, asking: Asking = {}): Promise<Scrape> {
  const { status, text } = await ask(`${gateway.url}/metrics`, asking)
  if (status !== 200) throw new Error(`/metrics answered ${status}: ${text}`)
  return readSamples(text)
}

export function readSamples(text: string): Scrape {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  )
}

/** The non-zero samples whose name starts with the prefix. */
export function startingWith(samples: Scrape, prefix: string): Readonly<Record<string, number>> {
  return Object.fromEntries([...samples].filter(([name, value]) => name.startsWith(prefix) && value !== 0))
}
