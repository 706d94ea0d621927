/** A metric with its values, as plain data for messages between processes, in prom-client's JSON format. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  /** Combines the values of several processes. */
  readonly aggregator: Aggregator
  readonly values: readonly Sample[]
}

export type MetricType = 'counter' | 'gauge' | 'histogram'
export type Aggregator = 'sum' | 'first' | 'min' | 'max'
export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly value: number
  readonly labels: Labels
  /** The name, if it differs from the metric's: parts of a histogram. */
  readonly metricName?: string
}

/** All metrics of one process. */
export type MetricSnapshot = readonly Metric[]
