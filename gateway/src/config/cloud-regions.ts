import { measureEdits } from '@anthology/catalog'

/**
 * The regions of AWS ("AWS Regions", 2026) and the locations of Vertex AI ("Locations", 2026). They only find typing
 * errors: clouds open new regions, which work without being listed here.
 */
const regions = {
  bedrock: `us-east-1 us-east-2 us-west-1 us-west-2 us-gov-east-1 us-gov-west-1 ca-central-1 ca-west-1 mx-central-1
    sa-east-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1
    af-south-1 il-central-1 me-central-1 me-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3
    ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6
    ap-southeast-7 cn-north-1 cn-northwest-1`,
  vertex: `global us eu us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4
    northamerica-northeast1 northamerica-northeast2 northamerica-south1 southamerica-east1 southamerica-west1
    europe-central2 europe-north1 europe-north2 europe-southwest1 europe-west1 europe-west2 europe-west3 europe-west4
    europe-west6 europe-west8 europe-west9 europe-west10 europe-west12 africa-south1 me-central1 me-central2 me-west1
    asia-east1 asia-east2 asia-northeast1 asia-northeast2 asia-northeast3 asia-south1 asia-south2 asia-southeast1
    asia-southeast2 australia-southeast1 australia-southeast2`,
} as const

export type CloudWithRegions = keyof typeof regions

const known: Readonly<Record<CloudWithRegions, readonly string[]>> = {
  bedrock: regions.bedrock.split(/\s+/),
  vertex: regions.vertex.split(/\s+/),
}

export function isKnownRegion(cloud: CloudWithRegions, name: string): boolean {
  return known[cloud].includes(name)
}

/** The known region with the most similar name; null if none is similar. */
export function findSimilarRegion(cloud: CloudWithRegions, name: string): string | null {
  const limit = Math.max(1, Math.floor(name.length / 3))
  const scored = known[cloud].map((each) => ({ each, edits: measureEdits(name.slice(0, 64), each, limit) }))
  const [best] = scored.toSorted((one, other) => one.edits - other.edits)
  return best === undefined || best.edits > limit ? null : best.each
}
