export { aliasTarget, aliases, claudeCodeNames } from './aliases.ts'
export type { AliasTarget } from './aliases.ts'
export { betaCarriers } from './beta.ts'
export type { Beta, BetaForm } from './beta.ts'
export { betaOn, betaStateOn, betas, findBeta } from './betas.ts'
export type { BetaState } from './betas.ts'
export { calendar } from './calendar.ts'
export type { CalendarEntry } from './calendar.ts'
export { diffCatalogs } from './catalog-diff.ts'
export { compare } from './compare.ts'
export type { ComparedValue, ComparisonRow } from './compare.ts'
export { catalogDocument } from './document.ts'
export type { CatalogDocument, JsonObject, JsonValue } from './document.ts'
export { CatalogError } from './error.ts'
export { measureEdits } from './edit-distance.ts'
export { catalogEntry } from './entry.ts'
export type { CatalogEntry } from './entry.ts'
export { check } from './check.ts'
export type { CheckOptions, Finding, RequestFacts } from './check.ts'
export { bedrockModelsOf, bedrockProfilesOf, isProfileOnly } from './bedrock-catalog.ts'
export type { BedrockModel, BedrockProfile } from './bedrock-catalog.ts'
export { lifecycleOf } from './lifecycle.ts'
export type { LifecycleMode, LifecycleState, Standing } from './lifecycle.ts'
export { factsDay, standingOf } from './lifecycle.ts'
export { fastPricesOn } from './fast-mode.ts'
export { retirementsIcs } from './ics.ts'
export { imageRules, imageTokens } from './image-tokens.ts'
export type { ImageRule } from './image-tokens.ts'
export { limitOn } from './limit.ts'
export { abilityNames, list } from './list.ts'
export type { Ability, ListFilter } from './list.ts'
export type {
  Behaviour,
  Effort,
  EffortLevel,
  Family,
  Lifecycle,
  LifecycleStatus,
  Limit,
  LimitBeta,
  Modality,
  Model,
  Platform,
  ReturnedThinking,
  Thinking,
  ThinkingType,
  ToolPromptTokens,
} from './model.ts'
export type { ModelCapabilities } from './model-capabilities.ts'
export { createdAtOf, describeModel } from './model-description.ts'
export type { BriefDescription, DescribeOptions, FullDescription } from './model-description.ts'
export { models } from './models.ts'
export { formatNanoUsd, formatUsdPerMTok, parseUsdPerMTok, roundPicoToNano } from './money.ts'
export { priceOf } from './price.ts'
export type { Price, PriceComponent, PriceLine, PriceOptions } from './price.ts'
export type { PriceModifier } from './price-rate.ts'
export { burndownMilliWeights, burndownOf } from './burndown.ts'
export type { Burndown } from './burndown.ts'
export { codeExecutionPrice, priceCodeExecution, toolPrices } from './tool-price.ts'
export { quote } from './quote.ts'
export type { Bounds, Quote, QuoteOptions } from './quote.ts'
export { factsOf } from './request-facts.ts'
export type { FactsOptions, RequestHeaders } from './request-facts.ts'
export type { BatchPrices, FastPrices, PriceStep, RateCard, TokenPrices } from './rate-card.ts'
export { resolve } from './resolve.ts'
export type { NameKind, Resolution, ResolveOptions } from './resolve.ts'
export { nameOn } from './name-on.ts'
export { retiredIds } from './retired-ids.ts'
export type { RetiredId } from './retired-ids.ts'
export { successorOf } from './successor.ts'
export { tokenizerOf, tokenizers } from './tokenizers.ts'
export type { Tokenizer } from './tokenizers.ts'
export { toolTokens } from './tool-tokens.ts'
export type { ToolTokens } from './tool-tokens.ts'
export type { Usage } from './usage.ts'
export { sources } from './sources.ts'
export type { SourceKey } from './sources.ts'
export { valueOn } from './series.ts'
export type { Dated } from './series.ts'
