export type { BatchCounts, BatchResult, BatchResultLine, MessageBatch } from './batch.ts'
export { maxBatchRequests, parseBatchRequest } from './batch-request.ts'
export type { BatchItem, BatchRequest, ParsedBatchRequest } from './batch-request.ts'
