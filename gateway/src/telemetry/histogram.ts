import type { Labels, Sample } from './metric.ts'

/** Counts durations by bucket, in arrays of numbers, so that an observation allocates nothing. */
export interface Histogram {
  /** Upper bounds in seconds, ascending; a last bucket counts larger values. */
  readonly bounds: readonly number[]
  readonly counts: Float64Array
  sumSeconds: number
}

/**
 * The buckets that the GenAI conventions recommend for an operation's duration,
 * doubling from 10 ms, plus smaller and larger ones: the gateway's own responses
 * take a millisecond, a model's long ones many minutes.
 * Source: "Generative AI metrics" of the OpenTelemetry conventions.
 */
export const callBounds: readonly number[] = [
  0.0025, 0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
  163.84, 327.68, 655.36,
]

/** For durations of milliseconds: commits, pauses. */
export const shortBounds: readonly number[] = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
]

export function createHistogram(bounds: readonly number[]): Histogram {
  return { bounds, counts: new Float64Array(bounds.length + 1), sumSeconds: 0 }
}

export function observe(histogram: Histogram, seconds: number): void {
  const { bounds, counts } = histogram
  let bucket = 0
  while (bucket < bounds.length && seconds > (bounds[bucket] ?? Infinity)) bucket += 1
  counts[bucket] = (counts[bucket] ?? 0) + 1
  // A duration is negative if the clock went back; Prometheus would take a falling sum for a restart.
  if (seconds > 0) histogram.sumSeconds += seconds
}

/** Returns Prometheus' samples: cumulative buckets, sum and count. */
export function getHistogramSamples(name: string, histogram: Histogram, labels: Labels): readonly Sample[] {
  const samples: Sample[] = []
  let total = 0
  for (const [bucket, count] of histogram.counts.entries()) {
    total += count
    const le = histogram.bounds[bucket] ?? '+Inf'
    samples.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: total })
  }
  samples.push({ metricName: `${name}_sum`, labels, value: histogram.sumSeconds })
  samples.push({ metricName: `${name}_count`, labels, value: total })
  return samples
}
