/**
 * @file The shapes that cross modules: the wire (as in llmchat/domain/job.py) and the chats.
 *
 * The last two members are the page's: when it came, in seconds, and why this endpoint is asked.
 * @typedef {{state: "queued"|"loading"|"running"|"waiting"|"reading"|"retrying"|"failover"|"restarted"|"connecting",
 *   position?: number|null, eta_seconds?: number|null, model?: string|null,
 *   endpoint?: string|null, progress?: number|null, in_seconds?: number|null,
 *   waited_seconds?: number|null, reason?: string|null, code?: string|null,
 *   at?: number, story?: Story|null}} Status
 *
 * Why another place is asked than at first, or the same one again.
 * @typedef {{state: string, from: string|null, reason: string|null, code: string|null}} Story
 *
 * @typedef {"ok"|"lost"|"offline"|"restarting"} Connection
 *
 * @typedef {{prompt_tokens?: number|null, completion_tokens?: number|null,
 *   cached_tokens?: number|null, reasoning_tokens?: number|null}} Usage
 *
 * @typedef {{queue_seconds: number, first_token_seconds: number|null,
 *   total_seconds: number, thinking_seconds?: number, first_endpoint?: string}} Timings
 *
 * @typedef {{finish_reason: string, usage?: Usage|null, timings?: Timings|null,
 *   model?: string|null, endpoint?: string|null, seen?: string|null}} Done
 *
 * @typedef {{code: string, message: string, retryable: boolean}} Failed
 *
 * @typedef {{id: string, event: string, data: any}} WireEvent
 *
 * @typedef {{id: string, state: "queued"|"running"|"done"|"error"|"cancelled",
 *   model?: string|null, endpoint?: string|null, last_event_id?: string|null,
 *   events?: WireEvent[]}} Job
 *
 * US dollars for a million tokens.
 * @typedef {{prompt: number, completion: number, cached?: number|null}} Price
 *
 * @typedef {{id: string, endpoint: string, kind: "configured"|"discovered"|"embedded"|"local",
 *   context_window?: number|null, price?: Price|null, favourite?: boolean, hidden?: boolean,
 *   capabilities?: {vision: boolean|null, tools?: boolean|null, reasoning?: boolean|null}, default: boolean,
 *   file?: ModelFile}} Model
 *
 * What the header of a model file tells; `name` is that of the file, `title` the maker's.
 * @typedef {{name: string, title: string, size_bytes: number, quantisation: string,
 *   parameters: number, architecture: string, context_length: number|null, chat_template: boolean,
 *   needed_bytes: number, state: "off"|"loading"|"ready"|"closing"}} ModelFile
 *
 * @typedef {{file: string, size_bytes: number, code: string, reason: string}} RefusedFile
 *
 * What a person has noted of a model; null or nothing: as its endpoint says.
 * @typedef {{favourite?: boolean, hidden?: boolean, context_window?: number|null,
 *   vision?: boolean|null, tools?: boolean|null, reasoning?: boolean|null, price?: Price|null}} ModelNote
 *
 * What the answers of a chat took; `cost` of those whose price is known.
 * @typedef {{tokens: number, cost: number|null}} Total
 *
 * @typedef {{name: string, kind: string, base_url?: string|null,
 *   state: "ok"|"loading"|"error", error?: string|null, code?: string|null}} Endpoint
 *
 * @typedef {{data: Model[], default: string|null, reason: string|null,
 *   reason_code?: string|null, endpoints: Endpoint[], ready: boolean,
 *   notices?: {code: string, message: string}[], attachments?: import("./lib/files.js").Limits,
 *   local?: {folder: string, refused: RefusedFile[]}}} Models
 *
 * A conversation as a list shows it; times in milliseconds.
 * @typedef {{id: string, title: string, created: number, updated: number, pinned: boolean,
 *   archived: boolean, unread: boolean, running: boolean, deleted: number|null,
 *   active: string|null, settings: Record<string, any>, revision: number, project: string|null}} Item
 *
 * @typedef {"delete"|"restore"|"archive"|"unarchive"|"pin"|"unpin"|"read"|"move"} BatchAction
 *
 * What a reply goes on from, where an answer was cut and continued.
 * @typedef {{content: string, reasoning: string, thoughtSeconds: number|null, runs?: ToolRun[]}} Beginning
 *
 * A call of a tool that llmchat ran; without a `tool` it is the server that failed. `at` is where it
 * stands in the whole text. `why` and `description` come while somebody has to decide.
 * @typedef {{id: string, server: string, tool: string, title?: string|null, arguments?: string,
 *   state: "writing"|"waiting"|"allowed"|"running"|"done"|"failed"|"denied"|"interrupted"|"skipped",
 *   result?: string|null, seconds?: number|null, code?: string|null, at: number,
 *   why?: "new"|"changed"|"untrusted"|null, description?: string|null}} ToolRun
 *
 * What one job gave, running or finished. `last` is the id of the last event that is in `content`,
 * `first` the endpoint that was asked first, `silent` that nothing came since the last status.
 * lib/whole.js joins it with `before`.
 * @typedef {{content: string, reasoning: string, thoughtSeconds: number|null, tools: string[],
 *   last: string|null, status: Status|null, usage: Usage|null, done: Done|null,
 *   failed: Failed|null, before?: Beginning|null, first?: string|null,
 *   runs: ToolRun[], silent?: boolean}} Reply
 *
 * @typedef {{file: string, name: string, type: string, size: number}} Attachment
 *
 * A message of a conversation, as in llmchat/domain/conversation.py.
 * @typedef {{id: string, parent_id: string|null, role: "system"|"user"|"assistant"|"tool",
 *   content: string, reasoning: string, state: "running"|"done"|"error"|"cancelled",
 *   finish_reason: string|null, error: Failed|null, model: string|null, endpoint: string|null,
 *   job_id: string|null, parameters: Record<string, any>, usage: Usage|null,
 *   timings: Timings|null, tool_calls: any[], attachments: Attachment[], created: number,
 *   edited: number|null, revision: number}} Message
 *
 * @typedef {Item & {messages: Message[], count: number}} Opened
 *
 * A message as it is shown: the how-manyth of how many siblings, and whether it is the last one of
 * the branch, only this tab's, and in a chat that nobody keeps. `fill` is the last one's: how full
 * the context of its model is; `total` are the numbers of the chat. `side`: an answer beside others,
 * and whether it is gone on with; `compared`: of their question, which there are. `line` is where
 * a part begins that the model is told (lib/told.js).
 * @typedef {{key: string, message: Message, siblings: string[], reply: Reply|null,
 *   run: import("./state/run.js").Run|null, last: boolean, unsent: boolean, temporary: boolean,
 *   line: "summary"|"cut"|"cut-after"|null,
 *   fill?: import("./lib/context.js").Fill|null, total?: Total|null, price?: Price|null,
 *   side?: {chosen: boolean}|null, compared?: {id: string, ready: boolean}[]|null}} Shown
 *
 * What the server answers to a question.
 * @typedef {{job_id: string, stream: string, model: string, endpoint: string,
 *   conversation_id?: string, message_id?: string, user_message_id?: string|null}} Accepted
 *
 * Chats as versions before 0.3 kept them in the browser (state/old-chats.js).
 * @typedef {{id: string, role: "user", content: string}} OldQuestion
 * @typedef {{id: string, role: "assistant", model: string|null, key: string, job: string|null,
 *   asked: number, reply: Reply, earlier: Reply[]}} OldAnswer
 * @typedef {{id: string, title: string, updated: number, messages: (OldQuestion|OldAnswer)[]}} OldChat
 */
export {}
