export { createGateway } from './gateway.ts'
export { createRateLimits } from './rates/rate-limits.ts'
export { addExited } from './telemetry/exited-worker-counts.ts'
export type { MetricSnapshot } from './telemetry/metric.ts'
export type { TelemetryConfig } from './telemetry/tracing.ts'
export type { Gateway, GatewayOptions } from './gateway.ts'
export type { EffectiveSetting } from './endpoints/console/console-parts.ts'
export { createToken } from './auth/console-sessions.ts'
export { GatewayError } from './errors.ts'
export { createCredentialsRecord, deriveCredentials, readRootSecret } from './auth/aws-credentials.ts'
export type { AwsCredentials, AwsCredentialsRecord } from './auth/aws-credentials.ts'
export { createKey, createKeySecret } from './auth/key-ring.ts'
export { findWeakSecrets, isWeakSecret } from './auth/weak-secret.ts'
export type { BuiltInKey } from './auth/key-ring.ts'
export { openDatabase } from './store/sqlite/database.ts'
export { openStore } from './store/open-store.ts'
export type { StoreLocation } from './store/open-store.ts'
export { describeUpgrade } from './store/upgrade.ts'
export type { OnUpgrade } from './store/upgrade.ts'
export { backUpStore, compareStores, restoreStore, transferStore } from './store/copy/transfer.ts'
export { replayJournals } from './store/copy/replay.ts'
export type { OnTransfer, TransferResult } from './store/copy/transfer.ts'
export { inspectPostgres } from './store/postgres/inspect-postgres.ts'
export { openPostgresDatabase } from './store/postgres/postgres-database.ts'
export { describeUrl, isPostgresUrl } from './store/postgres/connections.ts'
export type { Durability } from './store/sqlite/database.ts'
export { findSegments, findTornSegments } from './store/journal-folder.ts'
export { readJournalLag } from './store/sqlite/read-lag.ts'
export { findWideModes } from './store/sqlite/file-modes.ts'
export type { WideMode } from './store/sqlite/file-modes.ts'
export { findCorruption } from './store/sqlite/integrity.ts'
export { requireReadable } from './store/postgres/migrations.ts'
export { schemaVersion } from './store/sqlite/tables.ts'
export { createUnfinishedError, unfinishedCopyVersion } from './store/unfinished-copy.ts'
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
  findWorkspace,
  findLiveWorkspace,
  listWorkspaces,
  printWorkspace,
  renameWorkspace,
} from './organization/workspaces.ts'
export type { Workspace } from './organization/workspaces.ts'
export { roles } from './auth/roles.ts'
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
export type { AliasTarget, RoutingConfig } from './routing/routing-config.ts'
export { aliasProperties } from './config/routing-schema.ts'
export { describeRouting } from './organization/describe-routing.ts'
export {
  listRoutingChanges,
  removeAlias,
  removeWeights,
  setAlias,
  setWeights,
} from './organization/routing-changes.ts'
export { explainOffline } from './calls/explain-offline.ts'
export type { Explanation, ExplainedAttempt, ExplainedExclusion } from './calls/explain-call.ts'
export { toProblem } from './http/problem.ts'
export type { ProtocolName } from './protocols/protocol.ts'
export { createAccount } from './upstreams/create-account.ts'
export { listForeignModels, readForeignModels } from './upstreams/foreign-model.ts'
export { createCluster } from './cluster/primary.ts'
export type { Cluster, ClusterOptions } from './cluster/cluster.ts'
export { isClusterWorker, joinCluster } from './cluster/worker.ts'
export type { WorkerClient } from './cluster/worker.ts'
export { shareLimits } from './cluster/shared-limits.ts'
export { createProxyChoice } from './upstreams/proxies/choose-proxy.ts'
export type { ProxyChoice } from './upstreams/proxies/choose-proxy.ts'
export { fetchThrough } from './upstreams/proxies/fetch-through.ts'
export type { Proxy } from './upstreams/proxies/proxy.ts'
export { createHttpUpstream } from './upstreams/http-upstream.ts'
export type { HttpUpstream } from './upstreams/http-upstream.ts'
export type { BudgetInput, BudgetsConfig } from './budgets/budget-config.ts'
export type { Budget } from './budgets/budget.ts'
export { listBudgets } from './budgets/budget-table.ts'
export {
  createBudget,
  deleteBudget,
  lacksKey,
  printSettings,
  updateBudget,
} from './budgets/change-budgets.ts'
export { configSchema } from './config/config-schema.ts'
export { findConfigWarnings } from './config/config-warnings.ts'
export type { ConfigWarning } from './config/config-warnings.ts'
export { locateMember } from './config/locate-member.ts'
export { parseConfig } from './config/parse-config.ts'
export type { Config, UnsetReference, UpstreamConfig } from './config/parse-config.ts'
export { components } from './ledger/call-row.ts'
export { readUsage } from './ledger/usage-report.ts'
export type { UsageQuery } from './ledger/usage-report.ts'
export { filterValues } from './ledger/filter-values.ts'
export { groupings } from './ledger/usage-row.ts'
export type { Grouping, UsageRow } from './ledger/usage-row.ts'
export { listCalls, readCall } from './ledger/call-list.ts'
export type { CallFilter, CallList, CallPage } from './ledger/call-list.ts'
export type { StoredCall } from './ledger/stored-call.ts'
export type { Period, UsageFilter } from './ledger/usage-filter.ts'
export { findStart as findCalendarStart, isTimeZone } from './ledger/calendar.ts'
export {
  describeStoredCall,
  describeUsageRow,
  describeUsageTotal,
  listNameColumns,
  nameQuantity,
} from './ledger/usage-json.ts'
export { createInvoice } from './ledger/invoice.ts'
export {
  formatPercent,
  isMonth,
  listInvoiceTerms,
  parsePercent,
  printTerms,
  removeInvoiceTerms,
  setInvoiceTerms,
} from './ledger/invoice-terms.ts'
export type { InvoiceTerms } from './ledger/invoice-terms.ts'
export { formatCsvLine } from './ledger/csv.ts'
export { describeInvoice, formatCents, listInvoiceCsv } from './ledger/invoice-text.ts'
export type { Invoice, InvoiceLine } from './ledger/invoice.ts'
export { explainedKinds } from './reconcile/compare.ts'
export type { Difference } from './reconcile/compare.ts'
export { reconcile } from './reconcile/reconcile.ts'
export type { Reconciliation } from './reconcile/reconcile.ts'
export { printRun } from './reconcile/run-json.ts'
export { describeRun, findEarlierRuns, insertRun, listRuns } from './reconcile/run-table.ts'
export type { ReconciliationRun } from './reconcile/run-table.ts'
export { exportFocus, findRemovedCharges } from './ledger/focus.ts'
export { focusColumns } from './ledger/focus-columns.ts'
export { rerateCalls } from './ledger/rerate.ts'
export type { RerateResult } from './ledger/rerate.ts'
export { createStoredPricer } from './ledger/price-stored-call.ts'
export { readOwnerNames } from './ledger/owner-names.ts'
export type { OwnerNames } from './ledger/owner-names.ts'
export { createSqliteDatabase } from './store/sqlite/sqlite-database.ts'
export type { Database, Queries } from './store/database.ts'
