import type { Platform } from '@anthology/catalog'

import type { Name } from '../names/name.ts'
import { rememberLast } from '../syntax/last-text.ts'

const marks: readonly (readonly [Platform, RegExp])[] = [
  [
    'bedrock',
    /AnthropicBedrock|ChatBedrock|bedrock-runtime|BedrockRuntime|boto3|bedrock_converse|@ai-sdk\/amazon-bedrock/,
  ],
  ['vertex', /AnthropicVertex|ChatAnthropicVertex|publishers\/anthropic|@ai-sdk\/google-vertex/],
  ['foundry', /AnthropicFoundry|services\.ai\.azure\.com/],
]

/** The platform on which a name is used, from its form, its prefix, and the libraries of its file. */
export function findPlatform(
  name: Name,
  text: string,
  chosen?: Platform,
  /** The part of the file in which its library counts. */
  scope: string = text,
): Platform {
  if (name.form === 'bedrock' || name.form === 'mantle') return 'bedrock'
  if (name.form === 'vertex') return 'vertex'
  const before = text.slice(Math.max(0, name.start - 40), name.start)
  if (/vertex(?:_ai)?\/$|google_vertexai:$|publishers\/anthropic\/models\/$/.test(before)) return 'vertex'
  if (/bedrock(?:_converse)?[/:](?:converse\/|invoke\/)?$/.test(before)) return 'bedrock'
  if (/azure(?:_ai)?\/$|foundry\/$/.test(before)) return 'foundry'
  if (/anthropic[/:]$/.test(before)) return 'anthropic'
  if (chosen !== undefined) return chosen
  return findPlatformOfFile(scope)
}

/** The platform of a text such as `AnthropicVertex(region="global")`; null: it names none, or several. */
export function findNamedPlatform(text: string): Platform | null {
  const present = marks.filter(([, mark]) => mark.test(text)).map(([platform]) => platform)
  return present.length === 1 ? (present[0] ?? null) : null
}

/** The platform of the only library of a cloud in a file. */
export const findPlatformOfFile = rememberLast((text): Platform => {
  const present = marks.filter(([, mark]) => mark.test(text)).map(([platform]) => platform)
  const [only] = present
  const usesApi =
    /\b(?:new )?Anthropic\(|api\.anthropic\.com|anthropic\.NewClient|AnthropicOkHttpClient/.test(text)
  return only !== undefined && present.length === 1 && !usesApi && only !== 'bedrock' ? only : 'anthropic'
})

/** The geography of the only region of AWS in a text, as the prefix of a profile; null: none, or several. */
export const findRegion: (text: string) => string | null = rememberLast((text) => {
  const regions = new Set(
    text.match(
      /\b(?:us|eu|ap|ca|sa|us-gov)-(?:east|west|north|south|central|northeast|southeast|northwest)-\d\b/g,
    ),
  )
  const [only] = regions
  return regions.size === 1 && only !== undefined ? only : null
})
