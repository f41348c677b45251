// Which screens there are and which roles they are for: the navigation, the first page, and what is
// refused before it is asked for. The server decides; this only spares people a refusal.
import type { Role } from "../api/types";
import type { IconName } from "../design/icons";

export type ScreenName = "review" | "stats" | "cameras" | "audit" | "accounts";

export interface ScreenEntry {
  name: ScreenName;
  path: string;
  icon: IconName;
  roles: readonly Role[] | "any";
}

export const SCREENS: readonly ScreenEntry[] = [
  { name: "review", path: "/review", icon: "review", roles: ["reviewer", "approver"] },
  { name: "stats", path: "/stats", icon: "stats", roles: ["analyst", "approver"] },
  { name: "cameras", path: "/cameras", icon: "cameras", roles: "any" },
  { name: "audit", path: "/audit", icon: "audit", roles: ["auditor"] },
  { name: "accounts", path: "/accounts", icon: "accounts", roles: ["administrator"] },
];

export function screensFor(roles: readonly Role[]): ScreenEntry[] {
  if (roles.length === 0) return [];
  return SCREENS.filter((s) => s.roles === "any" || s.roles.some((role) => roles.includes(role)));
}
