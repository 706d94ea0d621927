import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Files that take half a minute or more, the longest first. */
const long: readonly string[] = [
  'test/upstreams/fidelity',
  'test/upstreams/failover-crash',
  'test/packed',
  'test/replicas',
  'gateway/test/calls/odd-answers',
  'test/docs',
  'test/attacks-bodies',
  'test/workers',
  'gateway/test/cluster/cluster',
  'test/budget-load',
  'test/stalls',
  'console/test/accessibility',
  'console/test/pages',
  'console/test/retention',
  'test/upstreams/fault-matrix',
  'test/serve',
]

/** Begins with the long files: one that begins last would keep a single worker busy while the others have nothing to do. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = long.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`))
      return at === -1 ? long.length : at
    }
    return usual.toSorted((one, other) => rank(one) - rank(other))
  }
}
