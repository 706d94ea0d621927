export { createGateway } from './gateway.ts'
export { createRateLimits } from './rates/rate-limits.ts'
export { addExited } from './telemetry/exited-worker-counts.ts'
export type { MetricSnapshot } from './telemetry/metric.ts'
export type { TelemetryConfig } from './telemetry/tracing.ts'
export type { Gateway, GatewayOptions } from './gateway.ts'
export { GatewayError } from './errors.ts'
export { createCredentialsRecord, deriveCredentials, readRootSecret } from './auth/aws-credentials.ts'
export type { AwsCredentials, AwsCredentialsRecord } from './auth/aws-credentials.ts'
export { createKey, createKeySecret } from './auth/key-ring.ts'
export { findWeakSecrets, isWeakSecret } from './auth/weak-secret.ts'
export type { BuiltInKey } from './auth/key-ring.ts'
export { openDatabase } from './store/sqlite/database.ts'
export type { Durability } from './store/sqlite/database.ts'
export { findEmergencyFiles } from './store/emergency-file.ts'
export { findWideModes } from './store/sqlite/file-modes.ts'
export type { WideMode } from './store/sqlite/file-modes.ts'
export { findCorruption } from './store/sqlite/integrity.ts'
export { schemaVersion } from './store/sqlite/tables.ts'
export { listKeys } from './store/sqlite/key-table.ts'
export { insertKey, listAllKeys, printKey, revokeKey, rotateKey, updateKey } from './organization/keys.ts'
export { readPermissions } from './organization/key-input.ts'
export type { PermissionsInput } from './organization/key-input.ts'
export { makeChange } from './organization/change.ts'
export type { Author, Change } from './organization/change.ts'
export {
  archiveMember,
  createMember,
  findLiveMember,
  listMembers,
  printMember,
  updateMember,
} from './organization/members.ts'
export type { Member, MemberInput } from './organization/members.ts'
export { checkKeyName } from './organization/name.ts'
export {
  archiveWorkspace,
  createWorkspace,
  ensureWorkspaces,
  findLiveWorkspace,
  listWorkspaces,
  printWorkspace,
  renameWorkspace,
} from './organization/workspaces.ts'
export type { Workspace } from './organization/workspaces.ts'
export { roles } from './auth/roles.ts'
export type { Database, Queries } from './store/database.ts'
export { createSqliteDatabase } from './store/sqlite/sqlite-database.ts'
export type { KeyPermissions, KeyRecord } from './auth/key-record.ts'
export { defaultLimits } from './limits.ts'
export type { Limits } from './limits.ts'
export { createSecret, readAdminKey, readLocalKey } from './auth/secret-file.ts'
export { minRedactedLength } from './log.ts'
export type { LogEntry } from './log.ts'
export type { UpstreamAccount } from './upstreams/account.ts'
export { probeUpstream } from './calls/probe-upstream.ts'
export type { UpstreamProbe } from './calls/probe-upstream.ts'
export { createNameResolver } from './routing/name-resolver.ts'
export { createRoutingOrder } from './routing/routing-config.ts'
export type { RoutingConfig } from './routing/routing-config.ts'
export { explainOffline } from './calls/explain-offline.ts'
export type { Explanation, ExplainedAttempt, ExplainedExclusion } from './calls/explain-call.ts'
export { toProblem } from './http/problem.ts'
export type { ProtocolName } from './protocols/protocol.ts'
export { createAccount } from './upstreams/create-account.ts'
export { listForeignModels, readForeignModels } from './upstreams/foreign-model.ts'
export { createCluster } from './cluster/primary.ts'
export type { Cluster, ClusterOptions } from './cluster/primary.ts'
export { isClusterWorker, joinCluster } from './cluster/worker.ts'
export type { WorkerClient } from './cluster/worker.ts'
export { shareLimits } from './cluster/shared-limits.ts'
export { createHttpUpstream } from './upstreams/http-upstream.ts'
export type { HttpUpstream } from './upstreams/http-upstream.ts'
export { configSchema } from './config/config-schema.ts'
export { parseConfig } from './config/parse-config.ts'
export type { Config, UnsetReference, UpstreamConfig } from './config/parse-config.ts'
export { components } from './ledger/call-row.ts'
export { groupings, readCalls, readUsage } from './ledger/usage-report.ts'
export type { Grouping, Period, StoredCall, UsageRow } from './ledger/usage-report.ts'
