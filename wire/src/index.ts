export type { Receiver, Upstream, UpstreamHandle, UpstreamRequest } from './upstream.ts'
