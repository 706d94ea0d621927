/** A metric with all its values, as plain data that travels between processes; prom-client's own JSON form. */
export interface Metric {
  readonly name: string
  readonly help: string
  readonly type: MetricType
  /** How the values of several processes become one. */
  readonly aggregator: Aggregator
  readonly values: readonly Sample[]
}

export type MetricType = 'counter' | 'gauge' | 'histogram'
export type Aggregator = 'sum' | 'first' | 'min' | 'max'
export type Labels = Readonly<Record<string, string | number>>

export interface Sample {
  readonly value: number
  readonly labels: Labels
  /** Set where it differs from the metric's own name: the parts of a histogram. */
  readonly metricName?: string
}

/** All metrics of one process. */
export type MetricSnapshot = readonly Metric[]
