// Types only: the API's models, and what the components of the page pass to each other.

/** @typedef {import("../../client/types.js").Schemas} Schemas */
/** @typedef {import("../../client/types.js").AllJobsEvent} AllJobsEvent */
/** @typedef {import("../../client/types.js").JobEvent} JobEvent */
/** @typedef {import("../../client/types.js").JobStateEvent} JobStateEvent */
/** @typedef {import("../../client/types.js").Partial} PartialOutput */
/** @typedef {import("../../client/handle.js").JobHandle} JobHandle */

/** @typedef {import("../../client/types.js").Job<any>} Job */
/** @typedef {Schemas["JobTypeResponse"]} JobType */
/** @typedef {Schemas["JobTypeStep"]} Step */
/** @typedef {Schemas["ProgressDetail"]} ProgressDetail */
/** @typedef {Schemas["Cost"]} Cost */
/** @typedef {Schemas["CostEstimate"]} CostEstimate */
/** @typedef {Schemas["EstimateResponse"]} EstimateReply */
/** @typedef {Schemas["RetryPlanResponse"]} RetryPlan */
/** @typedef {Schemas["CallResponse"]} LedgerCall */
/** @typedef {Schemas["BudgetResponse"]} Budget */
/** @typedef {Schemas["UsageResponse"]} Usage */
/** @typedef {Schemas["UsageGroup"]} UsageRow */
/** @typedef {Schemas["SystemResponse"]} SystemState */
/** @typedef {Schemas["HealthCheckResponse"]} Check */
/** @typedef {Schemas["StatsResponse"]} Stats */
/** @typedef {Schemas["QueueResponse"]} QueueState */
/** @typedef {Schemas["KeyResponse"]} Key */
/** @typedef {Schemas["NewKeyResponse"]} NewKey */
/** @typedef {Schemas["SessionResponse"]} Session */

/** @typedef {import("../../client/types.js").Alternative} Alternative */
/** @typedef {import("../../client/types.js").NewJob} NewJob */

export {};
