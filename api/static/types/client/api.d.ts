// Made from the OpenAPI document by `make types`. Do not edit.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        Acknowledgement: {
            /** @default null */
            paused_ms?: number | null;
            /** @default null */
            recovered?: boolean | null;
        };
        AllJobsEvent: components["schemas"]["CreatedEvent"] | components["schemas"]["StatusEvent"] | components["schemas"]["ProgressEvent"] | components["schemas"]["DeltaEvent"] | components["schemas"]["ItemEvent"] | components["schemas"]["StepEvent"] | components["schemas"]["UsageEvent"] | components["schemas"]["CostEvent"] | components["schemas"]["DoneEvent"] | components["schemas"]["ResetEvent"] | components["schemas"]["JobListSnapshotEvent"] | components["schemas"]["CountsEvent"];
        Alternative: {
            change: components["schemas"]["RequestChange"];
            cost: components["schemas"]["CostEstimate"];
        };
        AssistantMessage: {
            /** @default null */
            content?: string | (components["schemas"]["ChatText"] | components["schemas"]["ChatRefusal"] | components["schemas"]["ChatImage"])[] | null;
            /** @default null */
            refusal?: string | null;
            /** @constant */
            role: "assistant";
            /** @default null */
            tool_calls?: components["schemas"]["EarlierToolCall"][] | null;
        } & {
            [key: string]: unknown;
        };
        AuditCheckResponse: {
            broken_at: number | null;
            intact: boolean;
            last_hash: string;
            rows: number;
        };
        AuditRecordResponse: {
            action: string;
            actor: string;
            address: string;
            after: unknown;
            /** Format: date-time */
            at: string;
            before: unknown;
            hash: string;
            number: number;
            object: string;
            request_id: string;
        };
        AuditResponse: {
            next_cursor: string | null;
            pending: number;
            records: components["schemas"]["AuditRecordResponse"][];
        };
        AvailableBudget: {
            available: number | null;
        };
        BudgetListResponse: {
            budgets: components["schemas"]["BudgetResponse"][];
        };
        BudgetRequest: {
            /**
             * @default USD
             * @constant
             */
            currency?: "USD";
            limit: number;
            /**
             * @default hard
             * @enum {string}
             */
            mode?: "hard" | "soft";
            /** @default null */
            per_job_cap?: number | null;
            /**
             * @default [
             *       0.5,
             *       0.8
             *     ]
             */
            soft?: number[];
            /** @default UTC */
            timezone?: string;
            /**
             * @default month
             * @enum {string}
             */
            window?: "day" | "month" | "total";
        };
        BudgetResponse: {
            available: number;
            crossed: number[];
            currency: string;
            id: string;
            limit: number;
            mode: string;
            per_job_cap: number | null;
            reserved: number;
            resets_at: string | null;
            scope: string;
            soft: number[];
            spent: number;
            /** @enum {string} */
            state: "ok" | "warning" | "exhausted";
            timezone: string;
            window: string;
            window_start: string | null;
        };
        CallListResponse: {
            calls: components["schemas"]["CallResponse"][];
            currency: string;
        };
        CallResponse: {
            attempt: number;
            cached: boolean;
            call_id: string;
            cost: number | null;
            likely: number | null;
            max_tokens_parameter: string | null;
            model: string | null;
            provider: string | null;
            refusals: components["schemas"]["ModelRefusal"][];
            repaired: string | null;
            requests: number;
            schema_mode: string | null;
            settled_at: string | null;
            started_at: string | null;
            state: string;
            step: string;
            tokens: components["schemas"]["CallTokens"] | null;
            upper_bound: number | null;
            usable: boolean;
        };
        CallTokens: {
            cached: number;
            input: number;
            output: number;
            reasoning: number;
        };
        CalledFunction: {
            arguments: string;
            name: string;
        } & {
            [key: string]: unknown;
        };
        CancelJobRequest: {
            /** @default  */
            reason?: string;
        };
        Chapter: {
            text: string;
            title: string;
        };
        Character: {
            age: number;
            appearance: string;
            backstory: string;
            description: string;
            motivation: string;
            name: string;
            personality: string[];
            role: string;
            secret: string;
            species: string;
        };
        ChatCompletion: {
            choices: {
                [key: string]: unknown;
            }[];
            created: number;
            id: string;
            metadata: {
                [key: string]: string;
            };
            model: string;
            /** @constant */
            object: "chat.completion";
            service_tier: string;
            system_fingerprint: null;
            usage: {
                [key: string]: unknown;
            };
        };
        ChatCompletionJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["ChatResult"] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "chat_completion";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        ChatCompletionPayload: {
            /** @default null */
            frequency_penalty?: number | null;
            /** @default null */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /**
             * @default null
             * @enum {unknown}
             */
            logprobs?: false | null;
            /** @default null */
            max_completion_tokens?: number | null;
            /** @default null */
            max_tokens?: number | null;
            messages: (components["schemas"]["SystemMessage"] | components["schemas"]["UserMessage"] | components["schemas"]["AssistantMessage"] | components["schemas"]["ToolMessage"])[];
            /**
             * @default null
             * @enum {unknown}
             */
            modalities?: [
                "text"
            ] | null;
            /**
             * @default null
             * @enum {unknown}
             */
            n?: 1 | null;
            /** @default null */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            presence_penalty?: number | null;
            /** @default null */
            prompt_cache_key?: string | null;
            /** @default null */
            prompt_cache_retention?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default null */
            response_format?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** @default null */
            safety_identifier?: string | null;
            /** @default null */
            seed?: number | null;
            /**
             * @default null
             * @enum {unknown}
             */
            service_tier?: "auto" | "default" | null;
            /** @default null */
            stop?: string | string[] | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            tool_choice?: string | {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** @default null */
            tools?: components["schemas"]["ChatTool"][] | null;
            /**
             * @default null
             * @enum {unknown}
             */
            top_logprobs?: 0 | null;
            /** @default null */
            top_p?: number | null;
            /** @default null */
            user?: string | null;
            /** @default null */
            verbosity?: ("low" | "medium" | "high") | null;
        };
        ChatCompletionRequest: {
            /** @default null */
            frequency_penalty?: number | null;
            /** @default null */
            logit_bias?: {
                [key: string]: number;
            } | null;
            /**
             * @default null
             * @enum {unknown}
             */
            logprobs?: false | null;
            /** @default null */
            loresmith?: components["schemas"]["JobOptions"] | null;
            /** @default null */
            max_completion_tokens?: number | null;
            /** @default null */
            max_tokens?: number | null;
            messages: (components["schemas"]["SystemMessage"] | components["schemas"]["UserMessage"] | components["schemas"]["AssistantMessage"] | components["schemas"]["ToolMessage"])[];
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            /**
             * @default null
             * @enum {unknown}
             */
            modalities?: [
                "text"
            ] | null;
            model: string;
            /**
             * @default null
             * @enum {unknown}
             */
            n?: 1 | null;
            /** @default null */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            presence_penalty?: number | null;
            /** @default null */
            prompt_cache_key?: string | null;
            /** @default null */
            prompt_cache_retention?: string | null;
            /** @default null */
            reasoning_effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /** @default null */
            response_format?: {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** @default null */
            safety_identifier?: string | null;
            /** @default null */
            seed?: number | null;
            /**
             * @default null
             * @enum {unknown}
             */
            service_tier?: "auto" | "default" | null;
            /** @default null */
            stop?: string | string[] | null;
            /** @default null */
            store?: boolean | null;
            /** @default null */
            stream?: boolean | null;
            /** @default null */
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            tool_choice?: string | {
                [key: string]: components["schemas"]["JsonValue"];
            } | null;
            /** @default null */
            tools?: components["schemas"]["ChatTool"][] | null;
            /**
             * @default null
             * @enum {unknown}
             */
            top_logprobs?: 0 | null;
            /** @default null */
            top_p?: number | null;
            /** @default null */
            user?: string | null;
            /** @default null */
            verbosity?: ("low" | "medium" | "high") | null;
        };
        ChatImage: {
            image_url: components["schemas"]["ImageUrl"];
            /** @constant */
            type: "image_url";
        } & {
            [key: string]: unknown;
        };
        ChatMessage: {
            /** @default null */
            content?: string | (components["schemas"]["TextPart"] | components["schemas"]["ImagePart"])[] | null;
            /** @default null */
            name?: string | null;
            /** @enum {string} */
            role: "system" | "developer" | "user" | "assistant" | "tool";
            /** @default null */
            tool_call_id?: string | null;
            /** @default null */
            tool_calls?: components["schemas"]["MessageToolCall"][] | null;
        };
        ChatRefusal: {
            refusal: string;
            /** @constant */
            type: "refusal";
        } & {
            [key: string]: unknown;
        };
        ChatResult: {
            content: string | null;
            finish_reason: string;
            refusal: string | null;
            tool_calls: components["schemas"]["ToolCall"][];
        };
        ChatText: {
            text: string;
            /** @constant */
            type: "text";
        } & {
            [key: string]: unknown;
        };
        ChatTool: {
            function: components["schemas"]["ToolFunction"];
            /** @enum {unknown} */
            type: "function" | null;
        };
        CleanupRequest: {
            /** @default false */
            dry_run?: boolean;
            /** @default 86400 */
            older_than?: number | string;
            /** @default [] */
            status?: ("cancelled" | "completed" | "failed" | "skipped" | "succeeded" | "canceled")[];
        };
        CleanupResponse: {
            by_status: {
                [key: string]: number;
            };
            deleted: number;
            dry_run: boolean;
            /** Format: date-time */
            ended_before: string;
            matched: number;
            more: boolean;
            older_than_s: number;
        };
        Cost: {
            actual: number | null;
            currency: string;
            estimate: number | null;
            estimate_max: number | null;
            likely: number | null;
            reserved: number;
            /** @enum {string} */
            state: "estimated" | "reserved" | "running" | "final" | "upper_bound" | "likely";
            upper_bound: number | null;
        };
        CostEstimate: {
            currency: string;
            expected: number | null;
            max: number | null;
        };
        CostEvent: {
            attempt: number;
            cost: components["schemas"]["CostSoFar"];
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            step: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "cost";
        };
        CostSoFar: {
            actual: number | null;
            currency: string;
        };
        CostStats: {
            p50: number;
            p90: number;
            total: number;
        };
        CostViolation: {
            code: string;
            detail: string;
        };
        CountsEvent: {
            counts: {
                [key: string]: number;
            };
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "counts";
        };
        CreateWorldJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["World"] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "create_world";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        CreateWorldPayload: {
            /** @default 3 */
            characters?: number;
            /** @default 3 */
            events?: number;
            /** @default 3 */
            factions?: number;
            /** @default null */
            premise?: string | null;
            /** @default 3 */
            relics?: number;
            /** @default 3 */
            settings?: number;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            user_id?: string | null;
        };
        CreatedEvent: {
            attempt: number;
            by: string | null;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "created";
        };
        DeletedObject: {
            /** @constant */
            deleted: true;
            id: string;
            object: string;
        };
        DeltaEvent: {
            attempt: number;
            job_id: string;
            message: string;
            offset: number;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            step: string;
            text: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "delta";
        };
        DoneEvent: {
            attempt: number;
            by: string | null;
            cancel_reason: string | null;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "done";
        };
        DrainResponse: {
            draining: boolean;
            name: string;
        };
        EarlierToolCall: {
            function: components["schemas"]["CalledFunction"];
            id: string;
            /** @enum {unknown} */
            type: "function" | null;
        } & {
            [key: string]: unknown;
        };
        ErasureResponse: {
            cached_responses: number;
            jobs: number;
            remaining: number;
            unfinished: number;
            user_id: string;
            worlds: number;
        };
        ErrorDetail: {
            code: string;
            message: string;
            retryable: boolean;
        };
        EstimateError: {
            p50: number;
            p90: number;
            sample: number;
        };
        EstimateResponse: {
            allowed: boolean;
            alternatives: components["schemas"]["Alternative"][];
            budget: components["schemas"]["AvailableBudget"];
            cached: boolean;
            estimate: components["schemas"]["JobEstimate"];
            requires_confirmation: boolean;
            violations: components["schemas"]["CostViolation"][];
        };
        EstimatedStep: {
            cost: components["schemas"]["CostEstimate"];
            input: number;
            name: string;
            output_expected: number;
            output_max: number;
        };
        EstimatedTokens: {
            input: number;
            method: string;
            output_expected: number;
            output_max: number;
        };
        Event: {
            causes: string;
            consequences: string;
            date: string;
            description: string;
            name: string;
            participants: string[];
            remembered_as: string;
            type: string;
        };
        Faction: {
            description: string;
            goal: string;
            ideology: string;
            leader: string;
            methods: string;
            name: string;
            resources: string[];
            rivals: string[];
            secret: string;
            type: string;
        };
        FieldError: {
            detail: string;
            /** @default null */
            header?: string | null;
            /** @default null */
            parameter?: string | null;
            /** @default null */
            pointer?: string | null;
        };
        Function: {
            arguments: string;
            name: string;
        };
        FunctionCallItem: {
            arguments: string;
            call_id: string;
            name: string;
            /** @constant */
            type: "function_call";
        };
        FunctionOutputItem: {
            call_id: string;
            output: string | (components["schemas"]["InputText"] | components["schemas"]["InputRefusal"] | components["schemas"]["InputImage"])[];
            /** @constant */
            type: "function_call_output";
        };
        GenerateCharactersJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["Character"][] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_characters";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        GenerateCharactersPayload: {
            /** @default 3 */
            count?: number;
            /** @default null */
            role?: string | null;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            world?: string | null;
        };
        GenerateEventsJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["Event"][] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_events";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        GenerateEventsPayload: {
            /** @default 3 */
            count?: number;
            /** @default null */
            era?: string | null;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            world?: string | null;
        };
        GenerateFactionsJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["Faction"][] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_factions";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        GenerateFactionsPayload: {
            /** @default 3 */
            count?: number;
            /** @default null */
            scale?: string | null;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            world?: string | null;
        };
        GenerateRelicsJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["Relic"][] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_relics";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        GenerateRelicsPayload: {
            /** @default 3 */
            count?: number;
            /** @default null */
            origin?: string | null;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            world?: string | null;
        };
        GenerateSettingsJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["Setting"][] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_settings";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        GenerateSettingsPayload: {
            /** @default null */
            climate?: string | null;
            /** @default 3 */
            count?: number;
            theme: string;
            /** @default null */
            tone?: string | null;
            /** @default null */
            world?: string | null;
        };
        HealthCheckResponse: {
            detail: string;
            ok: boolean;
        };
        HealthResponse: {
            status: string;
        };
        Image: {
            /** @default null */
            detail?: ("auto" | "low" | "high") | null;
            url: string;
        };
        ImagePart: {
            image_url: components["schemas"]["Image"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "image_url";
        };
        ImageUrl: {
            /** @default null */
            detail?: ("auto" | "low" | "high" | "original") | null;
            url: string;
        } & {
            [key: string]: unknown;
        };
        InputImage: {
            /** @default null */
            detail?: ("auto" | "low" | "high" | "original") | null;
            /**
             * @default null
             * @enum {unknown}
             */
            file_id?: null;
            image_url: string;
            /** @constant */
            type: "input_image";
        };
        InputRefusal: {
            refusal: string;
            /** @constant */
            type: "refusal";
        };
        InputText: {
            text: string;
            /** @enum {string} */
            type: "input_text" | "output_text";
        };
        ItemEvent: {
            attempt: number;
            index: number;
            item: unknown;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            step: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "item";
        };
        Job: components["schemas"]["ChatCompletionJob"] | components["schemas"]["CreateWorldJob"] | components["schemas"]["GenerateCharactersJob"] | components["schemas"]["GenerateEventsJob"] | components["schemas"]["GenerateFactionsJob"] | components["schemas"]["GenerateRelicsJob"] | components["schemas"]["GenerateSettingsJob"] | components["schemas"]["PromptJob"] | components["schemas"]["ResponseJob"];
        JobEstimate: {
            cost: components["schemas"]["CostEstimate"];
            duration_s: components["schemas"]["SecondsQuantiles"];
            model: string;
            steps: components["schemas"]["EstimatedStep"][];
            tokens: components["schemas"]["EstimatedTokens"];
        };
        JobEvent: components["schemas"]["CreatedEvent"] | components["schemas"]["StatusEvent"] | components["schemas"]["ProgressEvent"] | components["schemas"]["DeltaEvent"] | components["schemas"]["ItemEvent"] | components["schemas"]["StepEvent"] | components["schemas"]["UsageEvent"] | components["schemas"]["CostEvent"] | components["schemas"]["DoneEvent"] | components["schemas"]["ResetEvent"] | components["schemas"]["JobSnapshotEvent"];
        JobListResponse: {
            /** Format: date-time */
            as_of: string;
            counts: {
                [key: string]: number;
            } | null;
            jobs: components["schemas"]["ListedJobResponse"][];
            next_cursor: string | null;
        };
        JobListSnapshotEvent: {
            counts: {
                [key: string]: number;
            };
            jobs: {
                [key: string]: unknown;
            }[];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "snapshot";
        };
        JobOptions: {
            /** @default null */
            allow_unknown_price?: boolean | null;
            /** @default null */
            cache?: ("use" | "skip" | "only") | null;
            /** @default null */
            confirm_cost?: number | null;
            /** @default null */
            deadline_s?: number | null;
            /** @default null */
            max_attempts?: number | null;
            /** @default null */
            max_cost?: number | null;
            /** @default null */
            model?: string | null;
            /** @default null */
            on_unknown?: ("ask" | "fail" | "retry") | null;
            /** @default null */
            priority?: ("interactive" | "normal" | "batch") | null;
            /** @default null */
            progress?: ("measured" | "ladder") | null;
            /** @default null */
            redact?: ("email" | "phone" | "card" | "iban" | "key")[] | null;
            /** @default null */
            retention?: (number | string) | null;
            /** @default null */
            start_deadline_s?: number | null;
            /** @default null */
            store?: boolean | null;
            /** @default null */
            timeout_s?: number | null;
        };
        JobSnapshotEvent: {
            job: {
                [key: string]: unknown;
            };
            job_id: string;
            seq: number;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "snapshot";
        };
        JobTokenRequest: {
            /**
             * @default [
             *       "read"
             *     ]
             */
            actions?: ("read" | "cancel")[];
            /** @default 600 */
            expires_in?: number | string;
        };
        JobTokenResponse: {
            actions: ("read" | "cancel")[];
            /** Format: date-time */
            expires_at: string;
            job_id: string;
            token: string;
        };
        JobTypeListResponse: {
            job_types: components["schemas"]["JobTypeResponse"][];
        };
        JobTypeResponse: {
            description: string;
            example: {
                [key: string]: unknown;
            } | null;
            expected_s: number;
            payload_schema: {
                [key: string]: unknown;
            };
            result_schema: {
                [key: string]: unknown;
            };
            steps: components["schemas"]["JobTypeStep"][];
            timeout_s: number;
            title: string;
            type: string;
        };
        JobTypeStep: {
            expected_s: number;
            message: string;
            name: string;
        };
        JsonValue: unknown;
        KeptItems: {
            count: number;
            step: string;
            total: number;
        };
        KeyListResponse: {
            keys: components["schemas"]["KeyResponse"][];
        };
        KeyRequest: {
            /** @default 7776000 */
            expires_in?: number | string;
            name: string;
            /**
             * @default member
             * @enum {string}
             */
            role?: "viewer" | "member" | "admin";
            /** @default null */
            rpm?: number | null;
            /** @default null */
            scopes?: ("jobs:read" | "jobs:write" | "on-behalf-of" | "usage" | "budgets" | "queue" | "cleanup" | "keys" | "audit")[] | null;
            /** @default null */
            team_id?: string | null;
            /** @default null */
            user_id?: string | null;
        };
        KeyResponse: {
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** Format: date-time */
            expires_at: string;
            id: string;
            last_used_at: string | null;
            name: string;
            previous: components["schemas"]["PreviousSecret"] | null;
            revoked_at: string | null;
            /** @enum {string} */
            role: "viewer" | "member" | "admin";
            rpm: number | null;
            scopes: string[] | null;
            /** @enum {string} */
            state: "active" | "expiring" | "expired" | "revoked";
            team_id: string | null;
            user_id: string;
        };
        KeyRotation: {
            /** @default 86400 */
            overlap?: number | string;
        };
        LimitsResponse: {
            owners: components["schemas"]["OwnerLimitsResponse"][];
            pools: components["schemas"]["PoolResponse"][];
        };
        Links: {
            /** @default null */
            cancel?: string | null;
            /** @default null */
            retry?: string | null;
            self: string;
        };
        ListedJobResponse: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            /** @default null */
            payload?: {
                [key: string]: unknown;
            } | null;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: unknown;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            type: string;
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        LoginRequest: {
            key: string;
        };
        MessageItem: {
            content: string | (components["schemas"]["InputText"] | components["schemas"]["InputRefusal"] | components["schemas"]["InputImage"])[];
            /** @enum {string} */
            role: "user" | "assistant" | "system" | "developer";
            /**
             * @default message
             * @constant
             */
            type?: "message";
        };
        MessageToolCall: {
            function: components["schemas"]["Function"];
            id: string;
            /**
             * @default function
             * @constant
             */
            type?: "function";
        };
        ModelList: {
            data: components["schemas"]["ModelObject"][];
            /** @constant */
            object: "list";
        };
        ModelObject: {
            /** @constant */
            created: 0;
            id: string;
            /** @constant */
            object: "model";
            owned_by: string;
        };
        ModelRefusal: {
            error: string;
            model: string;
        };
        NamedFunction: {
            name: string;
            /** @enum {unknown} */
            type: "function" | null;
        };
        NewChatCompletion: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["ChatCompletionPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "chat_completion";
        };
        NewCreateWorld: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["CreateWorldPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "create_world";
        };
        NewGenerateCharacters: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["GenerateCharactersPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_characters";
        };
        NewGenerateEvents: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["GenerateEventsPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_events";
        };
        NewGenerateFactions: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["GenerateFactionsPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_factions";
        };
        NewGenerateRelics: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["GenerateRelicsPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_relics";
        };
        NewGenerateSettings: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["GenerateSettingsPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "generate_settings";
        };
        NewJob: components["schemas"]["NewChatCompletion"] | components["schemas"]["NewCreateWorld"] | components["schemas"]["NewGenerateCharacters"] | components["schemas"]["NewGenerateEvents"] | components["schemas"]["NewGenerateFactions"] | components["schemas"]["NewGenerateRelics"] | components["schemas"]["NewGenerateSettings"] | components["schemas"]["NewPrompt"] | components["schemas"]["NewResponse"];
        NewKeyResponse: {
            /** Format: date-time */
            created_at: string;
            created_by: string;
            /** Format: date-time */
            expires_at: string;
            id: string;
            key: string;
            last_used_at: string | null;
            name: string;
            previous: components["schemas"]["PreviousSecret"] | null;
            revoked_at: string | null;
            /** @enum {string} */
            role: "viewer" | "member" | "admin";
            rpm: number | null;
            scopes: string[] | null;
            /** @enum {string} */
            state: "active" | "expiring" | "expired" | "revoked";
            team_id: string | null;
            user_id: string;
        };
        NewPrompt: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["PromptPayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "prompt";
        };
        NewResponse: {
            /** @default null */
            batch_key?: string | null;
            metadata?: {
                [key: string]: unknown;
            };
            /** @default null */
            on_behalf_of?: components["schemas"]["OnBehalfOf"] | null;
            options?: components["schemas"]["JobOptions"];
            payload: components["schemas"]["ResponsePayload"];
            /** @default null */
            related?: components["schemas"]["RelatedObject"] | null;
            /** @default null */
            session_id?: string | null;
            tags?: string[];
            /** @default null */
            team_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "response";
        };
        OnBehalfOf: {
            /** @default null */
            team_id?: string | null;
            user_id: string;
        };
        OpenAIErrorBody: {
            error: components["schemas"]["OpenAIErrorDetail"];
        };
        OpenAIErrorDetail: {
            code: string;
            message: string;
            param: string | null;
            type: string;
        };
        OpenApi: Record<string, never>;
        Outline: {
            conflict: string;
            geography: string;
            history: string;
            magic: string;
            premise: string;
            themes: string[];
            title: string;
        };
        OwnerLimitsRequest: {
            /** @default null */
            concurrency?: number | null;
            /** @default 1 */
            weight?: number;
        };
        OwnerLimitsResponse: {
            concurrency: number | null;
            id: string;
            /** @enum {string} */
            scope: "team" | "user";
            weight: number;
        };
        PauseRequest: {
            /** @default null */
            name?: string | null;
            /** @default  */
            reason?: string;
            /** @enum {string} */
            scope: "all" | "pool" | "type" | "owner";
        };
        PausesResponse: {
            paused: components["schemas"]["QueuePause"][];
        };
        PoolLimits: {
            concurrency: number | null;
            requests_per_minute: number | null;
            tokens_per_minute: number | null;
        };
        PoolLimitsRequest: {
            /** @default null */
            concurrency?: number | null;
            /** @default null */
            requests_per_minute?: number | null;
            /** @default null */
            tokens_per_minute?: number | null;
        };
        PoolResponse: {
            calls: number;
            closed_reason: string | null;
            closed_until: string | null;
            effective: components["schemas"]["PoolLimits"];
            file: components["schemas"]["PoolLimits"];
            learnt: components["schemas"]["PoolLimits"];
            pool: string;
            requests_left: number | null;
            set: components["schemas"]["PoolLimits"];
            tokens_left: number | null;
        };
        PreviousSecret: {
            last_used_at: string | null;
            /** Format: date-time */
            valid_until: string;
        };
        PrincipalResponse: {
            id: string;
            name: string;
            /** @enum {string} */
            role: "viewer" | "member" | "admin";
            scopes: string[];
            team_id: string | null;
            user_id: string;
        };
        ProblemBody: {
            code: string;
            detail: string;
            /** @default [] */
            errors?: components["schemas"]["FieldError"][];
            instance: string;
            request_id: string;
            retryable: boolean;
            status: number;
            title: string;
            type: string;
        };
        ProgressDetail: {
            eta_s: components["schemas"]["SecondsQuantiles"] | null;
            items_done: number | null;
            items_expected: number | null;
            last_activity_at: string | null;
            overdue: boolean;
            source: string;
            step: string | null;
            step_count: number | null;
            step_index: number | null;
        };
        ProgressEvent: {
            attempt: number;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "progress";
        };
        /** @enum {string} */
        ProgressSource: "simulated" | "tokens" | "items" | "steps" | "terminal";
        PromptJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["PromptResult"] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "prompt";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        PromptPayload: {
            /** @default 4096 */
            max_output_tokens?: number;
            /** @default null */
            messages?: components["schemas"]["ChatMessage"][] | null;
            /** @default null */
            output_schema?: {
                [key: string]: unknown;
            } | null;
            /** @default {} */
            parameters?: {
                [key: string]: unknown;
            };
            /** @default null */
            prompt?: string | null;
            /** @default null */
            system?: string | null;
            /** @default null */
            temperature?: number | null;
            /** @default {} */
            variables?: {
                [key: string]: string;
            };
        };
        PromptResult: {
            finish_reason: ("stop" | "length" | "tool_calls") | string;
            output: unknown;
            text: string | null;
            tool_calls: components["schemas"]["ToolCall"][];
        };
        Quantiles: {
            p50: number;
            p90: number;
            p99: number;
        };
        QueueOwner: {
            concurrency: number | null;
            longest_wait_s: number;
            owner: string;
            running: number;
            waiting: number;
            weight: number;
        };
        QueuePause: {
            /** Format: date-time */
            at: string;
            by: string;
            name: string | null;
            reason: string;
            scope: string;
        };
        QueuePool: {
            closed_reason: string | null;
            closed_until: string | null;
            limits: components["schemas"]["PoolLimits"];
            pool: string;
            reason: string | null;
            running: number;
            waiting: number;
        };
        QueueResponse: {
            admitted: number;
            more_owners: boolean;
            more_pools: boolean;
            owners: components["schemas"]["QueueOwner"][];
            paused: components["schemas"]["QueuePause"][];
            pools: components["schemas"]["QueuePool"][];
            running: number;
            types: components["schemas"]["QueueType"][];
            waiting: number;
            wanted_workers: number;
            workers: components["schemas"]["QueueWorker"][];
        };
        QueueType: {
            type: string;
            waiting: number;
        };
        QueueWait: {
            expected_start_in_s: number | null;
            position: number | null;
            reason: string;
        };
        QueueWorker: {
            free: number;
            name: string;
            queues: string[];
            slots: number;
        };
        ReadinessResponse: {
            checks: {
                [key: string]: components["schemas"]["HealthCheckResponse"];
            };
            /** @enum {string} */
            status: "ready" | "not ready";
        };
        Reasoning: {
            /** @default null */
            effort?: ("none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max") | null;
            /**
             * @default null
             * @enum {unknown}
             */
            generate_summary?: null;
            /**
             * @default null
             * @enum {unknown}
             */
            summary?: null;
        };
        ReasoningItem: {
            /** @constant */
            type: "reasoning";
        };
        RecoveredJobs: {
            completed: number;
            jobs: number;
        };
        RelatedObject: {
            id: string;
            type: string;
        };
        Relic: {
            description: string;
            legend: string;
            name: string;
            origin: string;
            powers: string[];
            price: string;
            type: string;
            whereabouts: string;
        };
        RequestChange: {
            options?: {
                [key: string]: unknown;
            };
            payload?: {
                [key: string]: unknown;
            };
        };
        ResetEvent: {
            /** @default null */
            job_id?: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "reset";
        };
        ResponseJob: {
            attempt: number;
            batch_key: string | null;
            cancel_reason: string | null;
            cancelled_by: string | null;
            completed_at: string | null;
            content_removed_at: string | null;
            cost: components["schemas"]["Cost"];
            /** Format: date-time */
            created_at: string;
            created_by: string | null;
            error: string | null;
            error_detail: components["schemas"]["ErrorDetail"] | null;
            expires_at: string | null;
            /** Format: uuid */
            id: string;
            links: components["schemas"]["Links"];
            max_attempts: number;
            message: string;
            metadata: {
                [key: string]: unknown;
            };
            model: string | null;
            next_try_at: string | null;
            partial_result: unknown;
            phase: string | null;
            /** @enum {string} */
            priority: "interactive" | "normal" | "batch";
            progress: number;
            progress_detail: components["schemas"]["ProgressDetail"] | null;
            progress_source: components["schemas"]["ProgressSource"];
            related: components["schemas"]["RelatedObject"] | null;
            result: components["schemas"]["ChatResult"] | null;
            retried_by: string | null;
            retries: number;
            reused: boolean;
            seen_at: string | null;
            session_id: string | null;
            started_at: string | null;
            status: components["schemas"]["Status"];
            tags: string[];
            team_id: string | null;
            title: string | null;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "response";
            updated_at: string | null;
            usage: components["schemas"]["TokenUsage"] | null;
            user_id: string | null;
            version: number;
            waiting: components["schemas"]["QueueWait"] | null;
        };
        ResponseObject: {
            background: boolean;
            completed_at: number | null;
            created_at: number;
            error: {
                [key: string]: string;
            } | null;
            id: string;
            incomplete_details: {
                [key: string]: string;
            } | null;
            instructions: string | null;
            max_output_tokens: number | null;
            metadata: {
                [key: string]: string;
            };
            model: string;
            /** @constant */
            object: "response";
            output: {
                [key: string]: unknown;
            }[];
            parallel_tool_calls: boolean;
            previous_response_id: string | null;
            prompt_cache_key: string | null;
            prompt_cache_retention: string | null;
            reasoning: {
                [key: string]: unknown;
            };
            safety_identifier: string | null;
            service_tier: string;
            /** @enum {string} */
            status: "queued" | "in_progress" | "completed" | "incomplete" | "failed" | "cancelled";
            store: boolean;
            temperature: number | null;
            text: {
                [key: string]: unknown;
            };
            tool_choice: unknown;
            tools: {
                [key: string]: unknown;
            }[];
            top_p: number | null;
            truncation: string;
            usage: {
                [key: string]: unknown;
            } | null;
            user: string | null;
        };
        ResponsePayload: {
            /** @default null */
            background?: boolean | null;
            /**
             * @default null
             * @enum {unknown}
             */
            include?: never[] | null;
            input: string | (components["schemas"]["MessageItem"] | components["schemas"]["FunctionCallItem"] | components["schemas"]["FunctionOutputItem"] | components["schemas"]["ReasoningItem"])[];
            /** @default null */
            instructions?: string | null;
            /** @default null */
            max_output_tokens?: number | null;
            /** @default null */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            previous_response_id?: string | null;
            /** @default null */
            prompt_cache_key?: string | null;
            /** @default null */
            prompt_cache_retention?: string | null;
            /** @default null */
            reasoning?: components["schemas"]["Reasoning"] | null;
            /** @default null */
            safety_identifier?: string | null;
            /**
             * @default null
             * @enum {unknown}
             */
            service_tier?: "auto" | "default" | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            text?: components["schemas"]["TextConfig"] | null;
            /** @default null */
            tool_choice?: string | components["schemas"]["NamedFunction"] | null;
            /** @default null */
            tools?: components["schemas"]["ResponseTool"][] | null;
            /**
             * @default null
             * @enum {unknown}
             */
            top_logprobs?: 0 | null;
            /** @default null */
            top_p?: number | null;
            /**
             * @default null
             * @enum {unknown}
             */
            truncation?: "disabled" | null;
            /** @default null */
            user?: string | null;
        };
        ResponseRequest: {
            /** @default null */
            background?: boolean | null;
            /**
             * @default null
             * @enum {unknown}
             */
            include?: never[] | null;
            input: string | (components["schemas"]["MessageItem"] | components["schemas"]["FunctionCallItem"] | components["schemas"]["FunctionOutputItem"] | components["schemas"]["ReasoningItem"])[];
            /** @default null */
            instructions?: string | null;
            /** @default null */
            loresmith?: components["schemas"]["JobOptions"] | null;
            /** @default null */
            max_output_tokens?: number | null;
            /** @default null */
            metadata?: {
                [key: string]: string;
            } | null;
            model: string;
            /** @default null */
            parallel_tool_calls?: boolean | null;
            /** @default null */
            previous_response_id?: string | null;
            /** @default null */
            prompt_cache_key?: string | null;
            /** @default null */
            prompt_cache_retention?: string | null;
            /** @default null */
            reasoning?: components["schemas"]["Reasoning"] | null;
            /** @default null */
            safety_identifier?: string | null;
            /**
             * @default null
             * @enum {unknown}
             */
            service_tier?: "auto" | "default" | null;
            /** @default null */
            store?: boolean | null;
            /** @default null */
            stream?: boolean | null;
            /** @default null */
            stream_options?: components["schemas"]["StreamOptions"] | null;
            /** @default null */
            temperature?: number | null;
            /** @default null */
            text?: components["schemas"]["TextConfig"] | null;
            /** @default null */
            tool_choice?: string | components["schemas"]["NamedFunction"] | null;
            /** @default null */
            tools?: components["schemas"]["ResponseTool"][] | null;
            /**
             * @default null
             * @enum {unknown}
             */
            top_logprobs?: 0 | null;
            /** @default null */
            top_p?: number | null;
            /**
             * @default null
             * @enum {unknown}
             */
            truncation?: "disabled" | null;
            /** @default null */
            user?: string | null;
        };
        ResponseTool: {
            /** @default null */
            description?: string | null;
            name: string;
            /** @default null */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /** @default null */
            strict?: boolean | null;
            /** @enum {unknown} */
            type: "function" | null;
        };
        Result: (components["schemas"]["ChatResult"] | null) | (components["schemas"]["World"] | null) | (components["schemas"]["Character"][] | null) | (components["schemas"]["Event"][] | null) | (components["schemas"]["Faction"][] | null) | (components["schemas"]["Relic"][] | null) | (components["schemas"]["Setting"][] | null) | (components["schemas"]["PromptResult"] | null) | (components["schemas"]["ChatResult"] | null);
        ResumeRequest: {
            /** @default null */
            name?: string | null;
            /** @enum {string} */
            scope: "all" | "pool" | "type" | "owner";
        };
        RetryJobRequest: {
            /** @default false */
            accept_duplicate_charge?: boolean;
            /** @default null */
            expected_attempt?: number | null;
        };
        RetryPlanResponse: {
            allowed: boolean;
            attempt: number;
            cached_steps: string[];
            cost: components["schemas"]["CostEstimate"];
            id: string;
            kept_items: components["schemas"]["KeptItems"][];
            possibly_duplicate_charges: string[];
            steps_to_run: string[];
        };
        RunningJob: {
            id: string;
            message: string;
            progress: number;
            started_at: string | null;
            type: string;
        };
        SecondsQuantiles: {
            p50: number;
            p90: number;
        };
        SessionResponse: {
            expires_at: string | null;
            login_methods: ("key" | "oidc")[];
            login_required: boolean;
            principal: components["schemas"]["PrincipalResponse"] | null;
        };
        Setting: {
            atmosphere: string;
            dangers: string[];
            description: string;
            history: string;
            inhabitants: string;
            landmarks: string[];
            name: string;
            secret: string;
            type: string;
        };
        StatsResponse: {
            by_type: {
                [key: string]: components["schemas"]["TypeStats"];
            };
            cost: components["schemas"]["CostStats"] | null;
            counts: {
                [key: string]: number;
            };
            estimate_error: components["schemas"]["EstimateError"] | null;
            recovered: components["schemas"]["RecoveredJobs"];
            running_s: components["schemas"]["Quantiles"] | null;
            sample: number;
            success_rate: number | null;
            waiting_s: components["schemas"]["Quantiles"] | null;
        };
        /** @enum {string} */
        Status: "pending" | "processing" | "completed" | "failed" | "cancelled" | "skipped";
        StatusEvent: {
            attempt: number;
            by: string | null;
            cancel_reason: string | null;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "status";
        };
        StepEvent: {
            attempt: number;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            state: string;
            status: components["schemas"]["Status"];
            step: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "step";
        };
        Story: {
            chapters: components["schemas"]["Chapter"][];
            ending: string;
            title: string;
        };
        StreamOptions: {
            /** @default null */
            include_obfuscation?: boolean | null;
            /** @default null */
            include_usage?: boolean | null;
        };
        SystemMessage: {
            content: string | (components["schemas"]["ChatText"] | components["schemas"]["ChatRefusal"] | components["schemas"]["ChatImage"])[];
            /** @enum {string} */
            role: "system" | "developer";
        } & {
            [key: string]: unknown;
        };
        SystemResponse: {
            checks: {
                [key: string]: components["schemas"]["HealthCheckResponse"];
            };
            /** @enum {string} */
            status: "ok" | "degraded";
        };
        TextConfig: {
            /** @default null */
            format?: components["schemas"]["TextFormat"] | null;
            /** @default null */
            verbosity?: ("low" | "medium" | "high") | null;
        };
        TextFormat: {
            /** @default null */
            description?: string | null;
            /** @default null */
            name?: string | null;
            /** @default null */
            schema?: {
                [key: string]: unknown;
            } | null;
            /** @default null */
            strict?: boolean | null;
            /** @enum {string} */
            type: "text" | "json_object" | "json_schema";
        };
        TextPart: {
            text: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "text";
        };
        TokenCounts: {
            input: number;
            output: number;
        };
        TokenUsage: {
            cache_hits: number;
            cached_tokens: number;
            calls: number;
            input_tokens: number;
            output_tokens: number;
            reasoning_tokens: number;
        };
        ToolCall: {
            arguments: string;
            id: string;
            name: string;
        };
        ToolFunction: {
            /** @default null */
            description?: string | null;
            name: string;
            /** @default null */
            parameters?: {
                [key: string]: unknown;
            } | null;
            /** @default null */
            strict?: boolean | null;
        };
        ToolMessage: {
            content: string | (components["schemas"]["ChatText"] | components["schemas"]["ChatRefusal"] | components["schemas"]["ChatImage"])[];
            /** @constant */
            role: "tool";
            tool_call_id: string;
        } & {
            [key: string]: unknown;
        };
        TypeStats: {
            completed: number;
            ended: number;
            running_s: components["schemas"]["Quantiles"] | null;
        };
        UsageEvent: {
            attempt: number;
            job_id: string;
            message: string;
            phase: string | null;
            progress: number;
            seq: number;
            source: components["schemas"]["ProgressSource"];
            status: components["schemas"]["Status"];
            step: string;
            /**
             * @description discriminator enum property added by openapi-typescript
             * @enum {string}
             */
            type: "usage";
            usage: components["schemas"]["TokenUsage"];
        };
        UsageGroup: {
            calls: number;
            cost: number;
            estimate_error: number | null;
            jobs: number;
            key: string | null;
            tokens: components["schemas"]["TokenCounts"];
            unknown_exposure: number;
            unpriced_jobs: number;
        };
        UsageResponse: {
            currency: string;
            group_by: string;
            pending: number | null;
            rows: components["schemas"]["UsageGroup"][];
            /** Format: date-time */
            since: string;
            total: components["schemas"]["UsageGroup"];
            /** Format: date-time */
            until: string;
        };
        UserMessage: {
            content: string | (components["schemas"]["ChatText"] | components["schemas"]["ChatRefusal"] | components["schemas"]["ChatImage"])[];
            /** @constant */
            role: "user";
        } & {
            [key: string]: unknown;
        };
        WorkerListResponse: {
            workers: components["schemas"]["WorkerResponse"][];
        };
        WorkerResponse: {
            free: number;
            jobs: components["schemas"]["RunningJob"][];
            name: string;
            queues: string[];
            slots: number;
        };
        World: {
            characters: components["schemas"]["Character"][];
            events: components["schemas"]["Event"][];
            factions: components["schemas"]["Faction"][];
            outline: components["schemas"]["Outline"];
            premise: string;
            relics: components["schemas"]["Relic"][];
            settings: components["schemas"]["Setting"][];
            story: components["schemas"]["Story"];
            theme: string;
            title: string;
            world_id: string;
        };
        WorldListResponse: {
            next_cursor: string | null;
            worlds: components["schemas"]["WorldSummaryResponse"][];
        };
        WorldResponse: {
            content: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            expires_at: string | null;
            id: string;
            kind: string;
            model: string;
            theme: string;
            title: string;
            user_id: string;
        };
        WorldSummaryResponse: {
            /** Format: date-time */
            created_at: string;
            expires_at: string | null;
            id: string;
            kind: string;
            model: string;
            theme: string;
            title: string;
            user_id: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
