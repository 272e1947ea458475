/** @file The sections of the settings that there are where there are accounts. Loaded with them. */

import { style } from "../dom/style.js"
import { t } from "../lib/t.js"
import { AccountSettings } from "./account-settings.js"
import { AuditSettings } from "./audit-settings.js"
import { UsersSettings } from "./users-settings.js"

await Promise.all(["account", "entrance"].map(style))

export function sections() {
  return /** @type {const} */ ([
    ["account", t("account.title"), AccountSettings, "guest"],
    ["users", t("users.title"), UsersSettings, "admin"],
    ["audit", t("audit.title"), AuditSettings, "admin"],
  ])
}
